/** The words of an identifier in any way of naming, in lower case: `sendEmail`, `send_email`, `Send-Email` → send, email. */
export function wordsOf(name: string): readonly string[] {
  return name
    .normalize('NFKC')
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
}

/** The same for every way of naming: `currentTime`, `CURRENT_TIME`, `current-time` → current_time. */
export function snakeCase(name: string): string {
  return wordsOf(name).join('_')
}
