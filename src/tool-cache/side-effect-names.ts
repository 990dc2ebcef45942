import { snakeCase, wordsOf } from './tool-name.ts'

/**
 * Verbs that begin the names of tools which change something. `get`, `list`, `check`, `search`, `calculate` … are not
 * here; what merely might change something is, because a wrong entry costs a hit and a missing one a wrong answer.
 */
export const SIDE_EFFECT_PREFIXES: readonly string[] =
  `accept activate add allocate append apply approve archive assign authorize award ban block book broadcast buy call
  cancel capture change charge checkout claim clear clone close commit complete confirm connect copy create credit debit
  deactivate deduct delete deliver deny deploy deposit disable disconnect dismiss dispatch donate drop edit email emit
  enable enqueue enroll erase exchange execute exec expire extend file fire flag flush forward fulfill generate_invoice
  give grant hire import increment ingest init initialize insert install invite invoke issue join kill launch leave link
  lock log login logout make mark merge migrate modify move mute mutate notify open_account open_case open_ticket order
  overwrite patch pay perform pin place post print process provision publish pull_request purchase purge push put reboot
  record redeem refill refresh refuel refund register reject release remove rename renew reopen reorder replace reply
  request reschedule reseat reserve reset resolve restart restore resume return revoke roll_back rollback rotate run save
  schedule send set share shutdown sign start stop store submit subscribe suspend swap sync terminate toggle top_up
  transfer trigger unarchive unassign unban unblock undo uninstall unlink unlock unmute unpin unpublish unsubscribe
  update upgrade upload upsert void withdraw write
  enviar crear borrar eliminar actualizar cancelar pagar guardar reservar comprar
  envoyer creer créer supprimer modifier annuler payer réserver reserver acheter ajouter
  sende senden erstelle erstellen lösche loesche löschen loeschen aktualisiere aktualisieren buche buchen storniere
  stornieren bezahle bezahlen speichere speichern ändere aendere
  criar excluir apagar atualizar comprar salvar`.split(/\s+/)

/** Names in scripts without word breaks begin with these. */
const SIDE_EFFECT_BEGINNINGS =
  /^(发送|發送|创建|創建|新建|建立|删除|刪除|移除|更新|修改|取消|支付|付款|预订|預訂|预定|购买|購買|下单|下單|提交|保存|写入|寫入|转账|轉帳|退款|退货|发布|發布|执行|執行|送信|作成|削除|変更|予約|購入|삭제|생성|전송|수정|예약)/u

/** Words before the verb that say how it is done, or for whom a gateway calls. */
const MANNERS = new Set(
  'bulk batch mass multi multiple auto async force forced quick soft hard safe mcp api'.split(' '),
)

/** `github__create_issue`, `slack.send_message`, `server/create_x`: what stands before is the place of the tool. */
const NAMESPACE_BREAK = /_{2,}|-{2,}|[./\\:#@|]+/

/** The prefix by which a tool's name says that it changes something, or undefined. */
export function sideEffectPrefix(name: string, prefixes: readonly (readonly string[])[]): string | undefined {
  const whole = name.normalize('NFKC')
  // The whole too: a prefix of the caller's own may hold the namespace.
  for (const part of [whole, ...whole.split(NAMESPACE_BREAK)]) {
    const words = wordsOf(part)
    for (let at = 0; at < words.length; at++) {
      const found = prefixes.find(
        (prefix) => prefix.length > 0 && prefix.every((word, place) => words[at + place] === word),
      )
      if (found) return found.join('_')
      if (!MANNERS.has(words[at] ?? '')) break
    }
  }
  return undefined
}

/** Verbs whose letters hardly begin another word. */
const CLEAR_VERBS = `add cancel create delete execute insert invite move notify pay post publish purchase remove rename
  replace reset schedule send submit transfer update upload write`.split(/\s+/)
const THINGS = `account address card comment customer email event file invoice invitation issue item mail message note
  notification order page payment post record reservation row sms table task ticket user`.split(/\s+/)
const UNBROKEN = new RegExp(`^(?:${CLEAR_VERBS.join('|')})(?=(?:${THINGS.join('|')})(?:e?s)?(?:v?\\d+)?$)`)
/** In capitals a name has no other breaks; endings make the verb another word: SENDER, UPDATES. */
const IN_CAPITALS = new RegExp(
  `^(?:${CLEAR_VERBS.join('|').toUpperCase()})(?!E?[DR]|E?S$|I[NO]|OR|AL|ABLE|MENT|AGE|CODE)(?=[A-Z]{3})`,
)

/** The same where a name has no word breaks, by language or in one word; on whenever the built-in prefixes are. */
export function sideEffectBeginning(name: string): string | undefined {
  for (const part of name.normalize('NFKC').split(NAMESPACE_BREAK)) {
    const found = SIDE_EFFECT_BEGINNINGS.exec(part)?.[0]
    if (found !== undefined) return found
    const [first = '', ...others] = wordsOf(part)
    const verb = UNBROKEN.exec(first) ?? (others.length === 0 ? IN_CAPITALS.exec(part) : null)
    if (verb) return verb[0].toLowerCase()
  }
  return undefined
}

/** Prefixes in any way of naming (`send_`, `send`, `bulkSend`) as words. */
export function prefixWords(prefixes: readonly string[]): readonly (readonly string[])[] {
  return prefixes.map((prefix) => snakeCase(prefix).split('_'))
}
