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

/** The prefix by which a tool's name says that it changes something, or undefined. */
export function sideEffectPrefix(name: string, prefixes: readonly (readonly string[])[]): string | undefined {
  const words = wordsOf(name)
  for (const prefix of prefixes) {
    if (prefix.length > 0 && prefix.every((word, at) => words[at] === word)) return prefix.join('_')
  }
  return undefined
}

/** The same in languages written without spaces; on whenever the built-in prefixes are. */
export function sideEffectBeginning(name: string): string | undefined {
  return SIDE_EFFECT_BEGINNINGS.exec(name.normalize('NFKC'))?.[0]
}

/** Prefixes in any way of naming (`send_`, `send`, `bulkSend`) as words. */
export function prefixWords(prefixes: readonly string[]): readonly (readonly string[])[] {
  return prefixes.map((prefix) => snakeCase(prefix).split('_'))
}
