/** The seat's SIP line over JsSIP: registers, keeps registered, tells of the one session. Knows nothing of Vue. */
import JsSIP from 'jssip'
import type { RTCSession } from 'jssip/lib/RTCSession'
import type { IncomingRTCSessionEvent, OutgoingRTCSessionEvent, UA } from 'jssip/lib/UA'
import type { SipAccount } from '@/api/types'
import { microphoneConstraints } from './devices'
import { forgetDialog, keepDialog, leftDialog, replacing, type KeptDialog } from './keptDialog'

export type Registration = 'off' | 'connecting' | 'registered' | 'failed'

export interface LineListener {
  registration(status: Registration, cause: string): void
  /** The seat's side of a call back that this operator has just asked for. */
  callingBack(): void
  /** `callId` is the hotline's own id of the call, `monitor` that of a shift leader's session; '' for none. */
  incoming(callId: string, monitor: string): void
  /** The call that a reload cut off is being taken up again. */
  resuming(left: KeptDialog): void
  accepted(): void
  confirmed(): void
  /** `connection` exists from answering on. */
  media(connection: RTCPeerConnection): void
  ended(cause: string): void
  microphoneFailed(): void
}

/** Candidates of the machine itself come within milliseconds; more than this is waiting for nothing. */
const ICE_PATIENCE_MS = 100
/** What the dialplan of the seats knows it by (asterisk-config, from-seat). */
const RESUME = 'resume'

export class Line {
  private ua: UA | null = null
  private session: RTCSession | null = null
  private account: SipAccount | null = null

  constructor(private readonly listener: LineListener) {}

  /** Register the seat; replaces an earlier registration. */
  start(account: SipAccount): void {
    this.stop()
    this.account = account
    this.listener.registration('connecting', '')
    let left = leftDialog(account.username)
    if (left !== null) this.listener.resuming(left)
    const ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(account.ws_url)],
      uri: account.uri,
      authorization_user: account.username,
      password: account.password,
      realm: account.realm || undefined,
      register: true,
      register_expires: 60,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
      user_agent: 'hotline-desktop',
    })
    this.ua = ua
    ua.on('connecting', () => this.say(ua, 'connecting'))
    ua.on('disconnected', () => this.say(ua, 'connecting'))
    ua.on('registered', () => {
      this.say(ua, 'registered')
      if (left !== null && ua === this.ua) this.resume(ua, left)
      left = null
    })
    ua.on('registrationFailed', (event) => this.say(ua, 'failed', String(event.cause ?? '')))
    ua.on('newRTCSession', (event: IncomingRTCSessionEvent | OutgoingRTCSessionEvent) => {
      const said = (name: string) => event.request.getHeader(name) ?? ''
      this.take(event.session, said('X-Hotline-Call'), said('X-Hotline-Monitor'), said('X-Hotline-Callback') !== '')
    })
    ua.start()
  }

  stop(): void {
    const { ua, session } = this
    this.ua = null
    this.session = null
    if (session !== null) forget(session)
    ua?.stop()
    this.listener.registration('off', '')
  }

  answer(): void {
    this.session?.answer({
      mediaConstraints: { audio: microphoneConstraints(), video: false },
      pcConfig: this.pcConfig,
    })
  }

  /** Reject while ringing, hang up afterwards; false if there is nothing here to end. */
  end(): boolean {
    const session = this.session
    if (session === null || session.isEnded()) return false
    session.terminate(session.isInProgress() ? { status_code: 486, reason_phrase: 'Busy Here' } : undefined)
    return true
  }

  /** JsSIP's hold changes the SDP only, so the microphone is muted as well. */
  hold(on: boolean): boolean {
    const session = this.session
    if (session === null || !session.isEstablished()) return false
    const done = on ? session.hold() : session.unhold()
    this.muteBoth()
    this.keep(session)
    return done
  }

  mute(on: boolean): void {
    if (this.session === null) return
    this.session.data.muted = on
    this.muteBoth()
    this.keep(this.session)
  }

  /** The leg beside a call has become a part of it: from now on a reload must not end it. */
  takenOver(): void {
    if (this.session === null) return
    this.session.data.monitor = ''
    this.keep(this.session)
  }

  sendDigit(digit: string): void {
    if (this.session?.isEstablished()) {
      this.session.sendDTMF(digit, { transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833, duration: 120, interToneGap: 80 })
    }
  }

  /** Use another microphone in the call under way. */
  async replaceMicrophone(): Promise<void> {
    const sender = this.session?.connection?.getSenders().find((one) => one.track?.kind === 'audio')
    if (!sender) return
    const stream = await navigator.mediaDevices.getUserMedia({ audio: microphoneConstraints() })
    const track = stream.getAudioTracks()[0]
    if (!track) return
    track.enabled = sender.track?.enabled ?? true
    sender.track?.stop()
    await sender.replaceTrack(track)
  }

  private say(ua: UA, status: Registration, cause = ''): void {
    if (ua === this.ua) this.listener.registration(status, cause)
  }

  private get pcConfig(): RTCConfiguration {
    return { iceServers: this.account?.ice_servers ?? [] }
  }

  /** Put ourselves in the place of the leg that the page lost; Asterisk refuses if it is gone. */
  private resume(ua: UA, left: KeptDialog): void {
    const host = this.account?.uri.split('@')[1] ?? ''
    ua.call(`sip:${RESUME}@${host}`, {
      extraHeaders: replacing(left),
      mediaConstraints: { audio: microphoneConstraints(), video: false },
      pcConfig: this.pcConfig,
    })
  }

  /** Note by which name Asterisk knows this leg. */
  private keep(session: RTCSession): void {
    const id = dialogId(session)
    // A leg that only listens is begun anew by a click; there is nobody at its other end who waits.
    if (!id || this.account === null || session.data.monitor) return
    keepDialog({
      seat: this.account.username,
      callId: id.call_id,
      localTag: id.local_tag,
      remoteTag: id.remote_tag,
      held: session.isOnHold().local,
      muted: session.data.muted === true,
    })
  }

  private take(session: RTCSession, callId: string, monitor: string, ours: boolean): void {
    if (this.session !== null && !this.session.isEnded()) {
      session.terminate({ status_code: 486, reason_phrase: 'Busy Here' })
      return
    }
    this.session = session
    session.data = { muted: false, monitor }
    session.on('peerconnection', ({ peerconnection }) => this.listener.media(peerconnection))
    // A call of our own has its connection before we hear of it.
    if (session.connection) this.listener.media(session.connection)
    session.on('icecandidate', ({ ready }) => void setTimeout(ready, ICE_PATIENCE_MS))
    session.on('accepted', () => this.listener.accepted())
    session.on('confirmed', () => {
      this.keep(session)
      this.listener.confirmed()
    })
    session.on('getusermediafailed', () => this.listener.microphoneFailed())
    const over = (event: { cause: string }) => {
      if (session !== this.session) return
      this.session = null
      forget(session)
      this.listener.ended(event.cause)
    }
    session.on('ended', over)
    session.on('failed', over)
    if (session.direction !== 'incoming') return
    if (ours) this.listener.callingBack()
    else this.listener.incoming(callId, monitor)
  }

  private muteBoth(): void {
    const session = this.session
    if (session === null) return
    const silent = session.data.muted === true || session.isOnHold().local
    if (silent) session.mute({ audio: true })
    else session.unmute({ audio: true })
  }
}

interface DialogId {
  call_id: string
  local_tag: string
  remote_tag: string
}

/** JsSIP has the dialog's tags, but no public way to them. */
function dialogId(session: RTCSession): DialogId | undefined {
  return (session as unknown as { _dialog?: { id: DialogId } })._dialog?.id
}

function forget(session: RTCSession): void {
  const id = dialogId(session)
  if (id) forgetDialog(id.call_id)
}
