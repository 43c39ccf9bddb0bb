/** The month's grid as plain values: what stands in a cell, where a key leads, which shift a key means. */
import type { Absence, Cell, Conflict, Month, Shift, Slot } from './types'

export interface Place {
  /** The position in the month's people and days. */
  row: number
  column: number
}

export interface Index {
  cells: Map<string, Cell>
  absences: Map<string, Absence>
  slots: Map<string, Slot>
  /** Hard conflicts of people by person and day. */
  wrong: Map<string, Conflict[]>
}

export const keyOf = (person: number | string, day: string) => `${person}/${day}`

export function indexOf(month: Month): Index {
  const index: Index = { cells: new Map(), absences: new Map(), slots: new Map(), wrong: new Map() }
  for (const cell of month.cells) index.cells.set(keyOf(cell.person, cell.day), cell)
  for (const slot of month.slots) index.slots.set(keyOf(slot.shift, slot.day), slot)
  for (const absence of month.absences) {
    if (absence.state !== 'approved') continue
    for (const { day } of month.days) {
      if (day >= absence.first && day <= absence.last) index.absences.set(keyOf(absence.person, day), absence)
    }
  }
  for (const conflict of month.conflicts) {
    for (const person of conflict.people) {
      const key = keyOf(person, conflict.day)
      index.wrong.set(key, [...(index.wrong.get(key) ?? []), conflict])
    }
  }
  return index
}

/** Return the cell of a person on a day, an empty one if the version says nothing. */
export function cellAt(index: Index, person: number, day: string): Cell {
  return index.cells.get(keyOf(person, day)) ?? { person, day, shift: '', fixed: false, note: '' }
}

const STEPS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/** Return where a key leads from `place`, null for a key that does not move. */
export function moved(place: Place, key: string, rows: number, columns: number): Place | null {
  if (key === 'Home') return { row: place.row, column: 0 }
  if (key === 'End') return { row: place.row, column: columns - 1 }
  const step = STEPS[key]
  if (step === undefined) return null
  return {
    row: Math.min(Math.max(place.row + step[0], 0), rows - 1),
    column: Math.min(Math.max(place.column + step[1], 0), columns - 1),
  }
}

/** Return the shift that a key sets: digits by their order, '' to clear; null for every other key. */
export function shiftOfKey(key: string, shifts: readonly Shift[]): string | null {
  if (key === 'Backspace' || key === 'Delete' || key === '0') return ''
  return /^[1-9]$/.test(key) ? (shifts[Number(key) - 1]?.code ?? null) : null
}

/** Return yyyy-MM, `steps` months later. */
export function monthAfter(month: string, steps: number): string {
  const count = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + steps
  return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}`
}

/** Return the day of the week of yyyy-MM-dd, 0 for Sunday, wherever the browser is. */
export const weekday = (day: string) => new Date(`${day}T00:00:00Z`).getUTCDay()

/** Return the day `count` days later. */
export function dayAfter(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10)
}

/** Return MM-dd without a leading zero: 11-5. */
export const shortDay = (day: string) => `${Number(day.slice(5, 7))}-${Number(day.slice(8))}`

/** One colour for a kind of shift, by its place among the shifts. */
const COLOURS = ['violet', 'blue', 'amber', 'green', 'teal', 'slate']
export const shiftColour = (code: string, shifts: readonly Shift[]) =>
  COLOURS[shifts.findIndex((shift) => shift.code === code) % COLOURS.length] ?? 'slate'

/** Return hh:mm of minutes after midnight; past 24 h it is the clock of the next day. */
export function clock(minutes: number): string {
  const of = minutes > 1440 ? minutes - 1440 : minutes
  return `${String(Math.floor(of / 60)).padStart(2, '0')}:${String(of % 60).padStart(2, '0')}`
}

export const span = (shift: Shift) => `${clock(shift.starts)}–${clock(shift.ends)}`
