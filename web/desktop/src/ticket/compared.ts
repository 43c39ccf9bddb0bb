/** Which saved fields decide whether a matter looks like another. */
import type { Ticket } from '@/api/types'

const COMPARED = ['category', 'title', 'content', 'street', 'community', 'address', 'contact_phone'] as const

/** What the server would compare, '' when there is nothing yet to compare with. */
export function compared(ticket: Ticket | null): string {
  if (!ticket?.editable || !(ticket.title || ticket.content || ticket.category)) return ''
  return JSON.stringify([ticket.id, ...COMPARED.map((field) => ticket[field])])
}
