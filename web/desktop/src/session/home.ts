import type { RouteLocationRaw } from 'vue-router'
import { useSession } from './store'

/** Where a person belongs who asked for nothing in particular. */
export function home(): RouteLocationRaw {
  const session = useSession()
  if (session.isScreen) return { name: 'wallboard' }
  if (session.seat !== null) return { name: 'desk' }
  if (session.mayPlan) return { name: 'manage' }
  return session.mayTakeSeat ? { name: 'seats' } : { name: 'tickets' }
}
