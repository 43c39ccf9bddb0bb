/** One tab of this browser works for an account; the others are passive. Uses Web Locks, which end with the tab. */
import { ref } from 'vue'

/** `asking` until the browser has said whether another tab holds the lock. */
export type TabRole = 'asking' | 'active' | 'passive'

const PATIENCE_MS = 800

export const tabRole = ref<TabRole>('asking')
let release: (() => void) | null = null

/** Become the active tab if no other is; a tab that is just being reloaded gets a moment to let go. */
export async function claimTab(account: number): Promise<void> {
  tabRole.value = 'asking'
  await hold(account, { signal: AbortSignal.timeout(PATIENCE_MS) })
}

/** Make this the active tab; the other one becomes passive. */
export async function takeOverTab(account: number): Promise<void> {
  await hold(account, { steal: true })
}

export function releaseTab(): void {
  release?.()
  release = null
  tabRole.value = 'asking'
}

/** The server says that the seat is open elsewhere, perhaps in another browser. */
export function becomePassive(): void {
  release?.()
  release = null
  tabRole.value = 'passive'
}

function hold(account: number, options: LockOptions): Promise<void> {
  // Without a secure context there are no locks; the server's close code 4009 still keeps two tabs apart.
  if (!navigator.locks) {
    tabRole.value = 'active'
    return Promise.resolve()
  }
  return new Promise((settled) => {
    const held = navigator.locks.request(`hotline-desk-${account}`, options, () => {
      tabRole.value = 'active'
      settled()
      return new Promise<void>((done) => (release = done))
    })
    // Rejected when the wait timed out or when another tab stole the lock.
    held.catch(() => {
      release = null
      tabRole.value = 'passive'
      settled()
    })
  })
}
