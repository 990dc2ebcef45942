/**
 * Shows the tooltip of what is under the pointer; the texts lie in the page as attributes and are set as text, never as
 * markup. Everything else works without it.
 */
export const PAGE_SCRIPT = `
const tip = document.getElementById('tip')
let current
function show(event) {
  const area = event.target.closest ? event.target.closest('[data-tip]') : null
  if (area !== current) {
    if (current) current.classList.remove('on')
    current = area
    if (!area) { tip.hidden = true; return }
    area.classList.add('on')
    const [first, ...rest] = area.dataset.tip.split('\\n')
    const title = document.createElement('strong')
    title.textContent = first
    tip.replaceChildren(title, ...rest.map((line) => {
      const row = document.createElement('div')
      row.textContent = line
      return row
    }))
    tip.hidden = false
  }
  if (!area) return
  const box = tip.getBoundingClientRect()
  const left = event.clientX + 16 + box.width > innerWidth ? event.clientX - 16 - box.width : event.clientX + 16
  const top = event.clientY + 16 + box.height > innerHeight ? event.clientY - 16 - box.height : event.clientY + 16
  tip.style.left = Math.max(4, left) + 'px'
  tip.style.top = Math.max(4, top) + 'px'
}
addEventListener('pointermove', show)
addEventListener('pointerdown', show)
addEventListener('scroll', () => { if (current) { current.classList.remove('on'); current = undefined; tip.hidden = true } }, true)
`
