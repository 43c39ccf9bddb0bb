/** Where we are in the server's stream, and what a frame means there. Pure. */
import type { EventFrame, ServerFrame, SnapshotFrame } from './state'

export interface Position {
  stream: string
  seq: number
}

export type Reading =
  | { kind: 'snapshot'; frame: SnapshotFrame; position: Position }
  | { kind: 'event'; frame: EventFrame; position: Position }
  | { kind: 'repeated' }
  | { kind: 'gap' }

/** Place a snapshot or event: the next one in order, an old one again, or one with something missing before it. */
export function place(position: Position | null, frame: SnapshotFrame | EventFrame): Reading {
  if (frame.type === 'snapshot') {
    return { kind: 'snapshot', frame, position: { stream: frame.stream, seq: frame.seq } }
  }
  if (position === null || frame.seq > position.seq + 1) return { kind: 'gap' }
  if (frame.seq <= position.seq) return { kind: 'repeated' }
  return { kind: 'event', frame, position: { stream: position.stream, seq: frame.seq } }
}

/** Return the address to connect to: resuming after `position`, or from a snapshot without it. */
export function address(base: string, position: Position | null): string {
  if (position === null) return base
  return `${base}?stream=${encodeURIComponent(position.stream)}&after=${position.seq}`
}

/** Read a text frame; null for anything that is not one of the protocol's frames. */
export function parse(text: unknown): ServerFrame | null {
  if (typeof text !== 'string') return null
  try {
    const frame = JSON.parse(text) as Partial<ServerFrame>
    return isFrame(frame) ? frame : null
  } catch {
    return null
  }
}

function isFrame(frame: Partial<ServerFrame> | null): frame is ServerFrame {
  switch (frame?.type) {
    case 'snapshot':
      return typeof frame.stream === 'string' && typeof frame.seq === 'number' && !!frame.state
    case 'event':
      return typeof frame.seq === 'number' && typeof frame.name === 'string'
    case 'pong':
      return typeof frame.at === 'string'
    case 'error':
      return typeof frame.code === 'string'
    default:
      return false
  }
}
