/** A registrar that says yes, and a caller that rings: enough SIP over WebSocket to see the softphone at work.
 * The offered media leads nowhere (ICE gives up after some seconds): for sound there is a real Asterisk. */
import { randomBytes } from 'node:crypto'

const OFFER = [
  'v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'm=audio 9 UDP/TLS/RTP/SAVPF 8 101', 'c=IN IP4 127.0.0.1',
  'a=rtpmap:8 PCMA/8000', 'a=rtpmap:101 telephone-event/8000', 'a=ice-ufrag:devdevdev', 'a=ice-pwd:devdevdevdevdevdevdevdevde',
  `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`, 'a=setup:actpass', 'a=mid:0', 'a=rtcp-mux',
  'a=candidate:1 1 UDP 2130706431 127.0.0.1 9 typ host', 'a=sendrecv', '',
].join('\r\n')

export class FakePhone {
  socket = null
  user = 'seat'
  dialog = null

  constructor(world) {
    this.world = world
  }

  connect(socket) {
    this.socket = socket
    socket.on('message', (data) => String(data).trim() && this.read(String(data)))
    socket.on('close', () => socket === this.socket && (this.socket = null))
  }

  ring() {
    const id = randomBytes(6).toString('hex')
    this.dialog = { id, tag: randomBytes(4).toString('hex'), cseq: 1 }
    this.send(`INVITE sip:${this.user}@hotline.invalid SIP/2.0`, {
      ...this.headers('INVITE'), Contact: '<sip:switch@127.0.0.1;transport=ws>', 'Content-Type': 'application/sdp',
    }, OFFER)
  }

  /** The caller is gone: CANCEL while ringing, BYE afterwards. */
  hangUp() {
    if (!this.dialog) return
    const method = this.dialog.answered ? 'BYE' : 'CANCEL'
    if (method === 'BYE') this.dialog.cseq++
    this.send(`${method} sip:${this.user}@hotline.invalid SIP/2.0`, this.headers(method))
    this.dialog = null
  }

  headers(method) {
    const { id, tag, cseq, remote = '' } = this.dialog
    const branch = method === 'ACK' || method === 'BYE' ? randomBytes(5).toString('hex') : id
    return {
      Via: `SIP/2.0/WS 127.0.0.1;branch=z9hG4bK${branch}`, 'Max-Forwards': '70',
      From: `"12345" <sip:switch@hotline.invalid>;tag=${tag}`, To: `<sip:${this.user}@hotline.invalid>${remote}`,
      'Call-ID': id, CSeq: `${cseq} ${method}`,
    }
  }

  read(text) {
    const head = text.split('\r\n\r\n')[0]
    const first = head.slice(0, head.indexOf('\r\n'))
    const header = (name) => [...head.matchAll(new RegExp(`^${name}:\\s*(.*)$`, 'gim'))].map((match) => match[1].trim())
    if (first.startsWith('SIP/2.0')) return this.response(Number(first.split(' ')[1]), header)
    const method = first.split(' ')[0]
    if (method === 'ACK') return
    if (method === 'REGISTER') this.user = /sip:([^@>]+)@/.exec(header('To')[0])[1]
    this.reply(method, header, text)
    if (method === 'BYE') {
      this.dialog = null
      this.world.ended()
    }
  }

  response(status, header) {
    const method = header('CSeq')[0].split(' ')[1]
    if (method !== 'INVITE' || !this.dialog) return
    if (status >= 200) {
      this.dialog.remote = `;tag=${/tag=([^;]+)/.exec(header('To')[0])?.[1]}`
      this.send(`ACK sip:${this.user}@hotline.invalid SIP/2.0`, this.headers('ACK'))
    }
    if (status === 200) {
      this.dialog.answered = true
      this.world.answered()
    } else if (status >= 300) {
      this.dialog = null
      this.world.ended()
    }
  }

  reply(method, header, text) {
    const contact = method === 'REGISTER' ? { Contact: `${header('Contact')[0]};expires=60`, Expires: '60' } : {}
    const lines = ['SIP/2.0 200 OK', ...header('Via').map((via) => `Via: ${via}`), `From: ${header('From')[0]}`]
    const to = header('To')[0]
    lines.push(`To: ${to.includes('tag=') ? to : `${to};tag=dev`}`, `Call-ID: ${header('Call-ID')[0]}`, `CSeq: ${header('CSeq')[0]}`)
    Object.entries(contact).forEach(([name, value]) => lines.push(`${name}: ${value}`))
    if (method === 'INVITE') {
      const held = /a=(sendonly|inactive)/.test(text)
      this.world.held(held)
      const body = OFFER.replace('actpass', 'passive').replace('sendrecv', held ? 'recvonly' : 'sendrecv')
      lines.push('Contact: <sip:switch@127.0.0.1;transport=ws>', 'Content-Type: application/sdp', `Content-Length: ${body.length}`, '', body)
      return this.socket?.send(lines.join('\r\n'))
    }
    this.socket?.send([...lines, 'Content-Length: 0', '', ''].join('\r\n'))
  }

  send(first, headers, body = '') {
    const lines = [first, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), `Content-Length: ${body.length}`, '', body]
    this.socket?.send(lines.join('\r\n'))
  }
}
