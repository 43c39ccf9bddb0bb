/** The seat's SIP line over JsSIP: registers, keeps registered, tells of the one session. Knows nothing of Vue. */
import JsSIP from 'jssip'
import type { RTCSession } from 'jssip/lib/RTCSession'
import type { IncomingRTCSessionEvent, OutgoingRTCSessionEvent, UA } from 'jssip/lib/UA'
import type { SipAccount } from '@/api/types'
import { microphoneConstraints } from './devices'

export type Registration = 'off' | 'connecting' | 'registered' | 'failed'

export interface LineListener {
  registration(status: Registration, cause: string): void
  /** `callId` is the hotline's own id of the call, '' when the INVITE does not say. */
  incoming(callId: string): void
  accepted(): void
  confirmed(): void
  /** `connection` exists from answering on. */
  media(connection: RTCPeerConnection): void
  ended(cause: string): void
  microphoneFailed(): void
}

/** Candidates of the machine itself come within milliseconds; more than this is waiting for nothing. */
const ICE_PATIENCE_MS = 100

export class Line {
  private ua: UA | null = null
  private session: RTCSession | null = null
  private iceServers: RTCIceServer[] = []

  constructor(private readonly listener: LineListener) {}

  /** Register the seat; replaces an earlier registration. */
  start(account: SipAccount): void {
    this.stop()
    this.iceServers = account.ice_servers
    this.listener.registration('connecting', '')
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
    ua.on('registered', () => this.say(ua, 'registered'))
    ua.on('registrationFailed', (event) => this.say(ua, 'failed', String(event.cause ?? '')))
    ua.on('newRTCSession', (event: IncomingRTCSessionEvent | OutgoingRTCSessionEvent) => {
      this.take(event.session, event.request.getHeader('X-Hotline-Call') ?? '')
    })
    ua.start()
  }

  stop(): void {
    const ua = this.ua
    this.ua = null
    this.session = null
    ua?.stop()
    this.listener.registration('off', '')
  }

  answer(): void {
    this.session?.answer({
      mediaConstraints: { audio: microphoneConstraints(), video: false },
      pcConfig: { iceServers: this.iceServers },
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
    return done
  }

  mute(on: boolean): void {
    if (this.session === null) return
    this.session.data.muted = on
    this.muteBoth()
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

  private take(session: RTCSession, callId: string): void {
    if (this.session !== null && !this.session.isEnded()) {
      session.terminate({ status_code: 486, reason_phrase: 'Busy Here' })
      return
    }
    this.session = session
    session.data = { muted: false }
    session.on('peerconnection', ({ peerconnection }) => this.listener.media(peerconnection))
    session.on('icecandidate', ({ ready }) => void setTimeout(ready, ICE_PATIENCE_MS))
    session.on('accepted', () => this.listener.accepted())
    session.on('confirmed', () => this.listener.confirmed())
    session.on('getusermediafailed', () => this.listener.microphoneFailed())
    const over = (event: { cause: string }) => {
      if (session !== this.session) return
      this.session = null
      this.listener.ended(event.cause)
    }
    session.on('ended', over)
    session.on('failed', over)
    this.listener.incoming(callId)
  }

  private muteBoth(): void {
    const session = this.session
    if (session === null) return
    const silent = session.data.muted === true || session.isOnHold().local
    if (silent) session.mute({ audio: true })
    else session.unmute({ audio: true })
  }
}
