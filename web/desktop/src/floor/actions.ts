/** What a shift leader may do at a seat, in the order of the menu. Pure; the server refuses what it knows better. */
import type { MonitorMode, SeatOrder } from '@/api/floorTypes'
import type { Seat } from '@/api/types'

export type SeatAction = MonitorMode | SeatOrder['state']

const JOINING: MonitorMode[] = ['listen', 'whisper', 'barge']

/** `own`: the shift leader sits there himself; `joined`: the mode of his session at this seat, null for none. */
export function actionsAt(seat: Seat, own: boolean, joined: MonitorMode | '' | null): SeatAction[] {
  if (!seat.agent_name) return []
  const actions: SeatAction[] = []
  if (seat.state === 'talking' && !own && joined !== 'take_over') {
    actions.push(...JOINING.filter((mode) => mode !== joined))
    if (joined) actions.push('take_over')
  }
  if (seat.state !== 'not_ready') actions.push('not_ready')
  if (seat.state === 'wrap_up') actions.push('ready')
  actions.push('signed_out')
  return actions
}
