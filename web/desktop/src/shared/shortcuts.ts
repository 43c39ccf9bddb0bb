/** Keyboard shortcuts: one table of combinations, handlers given by the page that is on the screen. */
import { onMounted, onUnmounted } from 'vue'

export type Command =
  | 'answer'
  | 'hangUp'
  | 'hold'
  | 'mute'
  | 'keypad'
  | 'ready'
  | 'extend'
  | 'submit'
  | 'submit1'
  | 'submit2'
  | 'submit3'
  | 'submit4'
  | 'submit5'
  | 'emergency110'
  | 'emergency119'
  | 'emergency120'
  | 'emergency122'
  | 'category'
  | 'content'
  | 'knowledge'
  | 'help'

/** Not used by input methods, and not reserved by Chromium (it lets a page have these). */
export const COMBINATIONS: Record<Command, string> = {
  answer: 'F2',
  hangUp: 'F4',
  hold: 'F8',
  mute: 'F7',
  keypad: 'Alt+P',
  ready: 'F9',
  extend: 'Alt+E',
  submit: 'Ctrl+Enter',
  submit1: 'Alt+1',
  submit2: 'Alt+2',
  submit3: 'Alt+3',
  submit4: 'Alt+4',
  submit5: 'Alt+5',
  emergency110: 'Alt+6',
  emergency119: 'Alt+7',
  emergency120: 'Alt+8',
  emergency122: 'Alt+9',
  category: 'Alt+C',
  content: 'Alt+T',
  knowledge: 'Alt+K',
  help: 'F1',
}

const BY_COMBINATION = new Map(
  Object.entries(COMBINATIONS).map(([command, combination]) => [combination, command as Command]),
)

type KeyPress = Pick<
  KeyboardEvent,
  'key' | 'code' | 'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey' | 'isComposing' | 'repeat' | 'keyCode'
>

/** Return the command of a key press; null while an input method composes, for repeats and for everything else. */
export function commandOf(press: KeyPress): Command | null {
  // 229 is what Chromium reports for keys that an input method has taken.
  if (press.isComposing || press.keyCode === 229 || press.repeat || press.metaKey || press.shiftKey) return null
  // By position: Alt with a letter gives another character on some layouts.
  const key = /^(Key|Digit)\w$/.test(press.code) ? press.code.slice(-1) : press.key
  const combination = `${press.ctrlKey ? 'Ctrl+' : ''}${press.altKey ? 'Alt+' : ''}${key}`
  return BY_COMBINATION.get(combination) ?? null
}

/** Handle shortcuts while the component is mounted. */
export function useShortcuts(handlers: Partial<Record<Command, () => void>>): void {
  function press(event: KeyboardEvent): void {
    const command = commandOf(event)
    const handle = command === null ? undefined : handlers[command]
    if (!handle) return
    event.preventDefault()
    event.stopPropagation()
    handle()
  }
  onMounted(() => window.addEventListener('keydown', press, true))
  onUnmounted(() => window.removeEventListener('keydown', press, true))
}
