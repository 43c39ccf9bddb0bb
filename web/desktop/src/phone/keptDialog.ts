/** The SIP dialog of the call under way, so that this browser can take the call up again after a reload.
 *
 * Not a state of the call (that is the server's): only the name by which Asterisk knows the lost leg. An INVITE with
 * Replaces (RFC 3891) puts a new leg in its place, and the caller goes on talking; if there is nothing left to
 * replace, Asterisk refuses and nothing has happened. */

export interface KeptDialog {
  /** The seat's SIP name: another seat's call is none of ours. */
  seat: string
  callId: string
  localTag: string
  remoteTag: string
  held: boolean
  muted: boolean
}

const KEY = 'hotline.dialog'

export function keepDialog(dialog: KeptDialog): void {
  localStorage.setItem(KEY, JSON.stringify(dialog))
}

/** Forget the dialog `callId`; one that another tab keeps since stays. */
export function forgetDialog(callId: string): void {
  if (read()?.callId === callId) localStorage.removeItem(KEY)
}

/** Return the dialog that was left behind at `seat`, if there is one. */
export function leftDialog(seat: string): KeptDialog | null {
  const kept = read()
  return kept?.seat === seat && kept.callId && kept.localTag && kept.remoteTag ? kept : null
}

/** Return the headers of the INVITE that takes the place of `dialog`. Tags are named from the receiver's side. */
export function replacing(dialog: KeptDialog): string[] {
  return [
    `Replaces: ${dialog.callId};to-tag=${dialog.remoteTag};from-tag=${dialog.localTag}`,
    'Require: replaces',
  ]
}

function read(): KeptDialog | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null') as KeptDialog | null
  } catch {
    return null
  }
}
