/** A server that keeps to the HTTP API and the live protocol without a switch or database: for work on the pages.
 * `node dev/server.mjs [port]`; scenes by `POST /dev/ring | caller-gone | switch-down | …` (see SCENES). */
import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import { events, list, move, patch, refusal, withActions } from './desk.mjs'
import { accounts, catalogue, lastCalls } from './sample.mjs'
import { FakePhone } from './sip.mjs'
import { line, now, World } from './world.mjs'

const PORT = Number(process.argv[2] ?? 21700)
const DIST = fileURLToPath(new URL('../dist', import.meta.url))
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html', '.svg': 'image/svg+xml' }

const world = new World()
const phone = new FakePhone(world)
world.sipUrl = `ws://127.0.0.1:${PORT}/sip`
let me = null

const SCENES = {
  ring: (options) => (world.ring(options), phone.ring()),
  'ring-without-phone': (options) => world.ring(options),
  'caller-gone': () => (phone.hangUp(), world.ended()),
  'switch-down': () => world.publish('switch', { up: false }),
  'switch-up': () => world.publish('switch', { up: true }),
  queue: ({ count = 3 }) => world.publish('queue', { waiting: waiting(count) }),
  notice: (data) => world.publish('notice', data),
  drop: () => world.sockets.forEach((socket) => socket.close(1012)),
  replaced: () => world.sockets.forEach((socket) => socket.close(4009)),
  elsewhere: ({ id, fields }) => patch(world, world.tickets.get(id), { version: world.tickets.get(id).version, fields }),
}

const waiting = (count) =>
  Array.from({ length: count }, (_, index) => ({
    call_id: `w${index}`, caller_masked: `139****${1000 + index}`, position: index + 1,
    joined_at: new Date(Date.now() - (95 - index * 20) * 1000).toISOString(), emergency: index === 0 && count > 3,
  }))

const person = () => ({ ...me, seat: world.state.session, demo: true })

/** [method, path pattern, (match, body, query) -> [status, body]] */
const ROUTES = [
  ['GET', /^\/api\/session$/, () => [200, person()]],
  ['DELETE', /^\/api\/session$/, () => ((me = null), [204])],
  ['GET', /^\/api\/seats$/, () => [200, { seats: Object.values(world.state.seats), plan: world.state.plan }]],
  ['PUT', /^\/api\/seats\/mine$/, (_, body) => takeSeat(body.seat)],
  ['GET', /^\/api\/seats\/mine$/, () => (world.state.session ? [200, world.lease()] : [404, refusal('NOT_AT_A_SEAT', '您尚未签入坐席', 'Not at a seat')])],
  ['DELETE', /^\/api\/seats\/mine$/, () => (world.leaveSeat(), [204])],
  ['PUT', /^\/api\/seats\/mine\/state$/, (_, body) => setState(body)],
  ['POST', /^\/api\/seats\/mine\/wrap-up\/extension$/, () => extend()],
  ['PUT', /^\/api\/seats\/plan$/, (_, body) => setPlan(body)],
  ['GET', /^\/api\/calls\/mine$/, () => [200, { calls: world.calls, next: null }]],
  ['DELETE', /^\/api\/calls\/([^/]+)$/, () => (phone.hangUp(), world.ended(), [202, {}])],
  ['GET', /^\/api\/callers\/([^/]+)\/history$/, () => [200, { known_name: '刘女士', last_calls: lastCalls, tickets: [100, 99, 98].map((id) => line(world.tickets.get(id))) }]],
  ['GET', /^\/api\/knowledge$/, () => [200, { hits: 0, articles: [] }]],
  ['GET', /^\/api\/tickets\/(\d+)\/duplicates$/, () => [200, []]],
  ['GET', /^\/api\/tickets$/, (_, __, query) => [200, list(world, query)]],
  ['POST', /^\/api\/tickets$/, (_, body) => [200, withActions(world.openTicket(body.call_id ? world.state.call : null))]],
  ['GET', /^\/api\/tickets\/(\d+)$/, (match) => withTicket(match, (one) => [200, withActions(one)])],
  ['PATCH', /^\/api\/tickets\/(\d+)$/, (match, body) => withTicket(match, (one) => patch(world, one, body))],
  ['POST', /^\/api\/tickets\/(\d+)\/transitions$/, (match, body) => withTicket(match, (one) => move(world, one, body))],
  ['GET', /^\/api\/tickets\/(\d+)\/events$/, (match) => withTicket(match, (one) => [200, events(one)])],
  ['GET', /^\/api\/catalogue$/, () => [200, catalogue]],
]

function withTicket(match, use) {
  const ticket = world.tickets.get(Number(match[1]))
  return ticket ? use(ticket) : [404, refusal('NOT_FOUND', '没有找到:工单', 'Not found: ticket')]
}

function takeSeat(number) {
  const seat = world.state.seats[number]
  if (seat?.state !== 'free') return [409, refusal('SEAT_TAKEN', `${number} 号坐席自 08:02 起由${seat?.agent_name}使用`, 'Seat taken')]
  return [200, world.takeSeat(number, me)]
}

function setState({ state, reason }) {
  const talking = ['ringing', 'talking'].includes(world.state.session.state)
  if (!talking) {
    world.publish('call', null)
    world.publish('pop', null)
    world.become(state, {}, state === 'ready' ? '' : reason)
  }
  return [200, world.state.session]
}

function extend() {
  const { session } = world.state
  const deadline = new Date(Date.parse(session.deadline) + 120_000).toISOString()
  world.publish('session', { ...session, deadline, extended: true })
  return [200, world.state.session]
}

function setPlan({ open_seats }) {
  if (open_seats > 12) return [409, refusal('OPEN_SEATS_TOO_MANY', '坐席总数为 12,已开放 10,最多还能开放 2 个', 'Only 2 more')]
  world.publish('plan', { ...world.state.plan, open_seats })
  return [200, world.state.plan]
}

async function bodyOf(request) {
  let text = ''
  for await (const chunk of request) text += chunk
  return text ? JSON.parse(text) : {}
}

async function api(request, url) {
  const body = await bodyOf(request)
  if (request.method === 'POST' && url.pathname === '/api/session') {
    if (!(body.username in accounts) || body.password !== 'demo') return [401, refusal('BAD_CREDENTIALS', '用户名或密码错误', 'Wrong user name or password')]
    me = accounts[body.username]
    return [200, person()]
  }
  if (me === null) return [401, refusal('NOT_SIGNED_IN', '请先登录', 'Sign in first')]
  for (const [method, pattern, handle] of ROUTES) {
    const match = pattern.exec(url.pathname)
    if (match && method === request.method) return handle(match, body, url.searchParams)
  }
  return [404, refusal('NOT_FOUND', '没有找到', 'Not found')]
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://127.0.0.1')
  if (url.pathname.startsWith('/dev/')) {
    SCENES[url.pathname.slice(5)]?.(await bodyOf(request))
    return response.writeHead(204).end()
  }
  if (!url.pathname.startsWith('/api/')) return file(url, response)
  const [status, body] = await api(request, url)
  response.writeHead(status, { 'content-type': 'application/json' })
  return response.end(body === undefined ? '' : JSON.stringify(body))
})

function file(url, response) {
  const wanted = join(DIST, normalize(url.pathname))
  const found = extname(wanted) && existsSync(wanted) ? wanted : join(DIST, 'index.html')
  response.writeHead(200, { 'content-type': TYPES[extname(found)] ?? 'application/octet-stream' })
  createReadStream(found).pipe(response)
}

const live = new WebSocketServer({ noServer: true })
const sip = new WebSocketServer({ noServer: true, handleProtocols: () => 'sip' })

server.on('upgrade', (request, socket, head) => {
  const url = new URL(request.url, 'http://127.0.0.1')
  const target = url.pathname === '/sip' ? sip : live
  target.handleUpgrade(request, socket, head, (opened) => {
    if (target === sip) phone.connect(opened)
    else greet(opened, url.searchParams)
  })
})

function greet(socket, query) {
  if (me === null) return socket.close(4001)
  const after = Number(query.get('after'))
  if (query.get('stream') === world.stream) {
    world.events.filter((event) => event.seq > after).forEach((event) => socket.send(JSON.stringify(event)))
  } else {
    socket.send(JSON.stringify(world.snapshot()))
  }
  world.sockets.add(socket)
  socket.on('close', () => world.sockets.delete(socket))
  socket.on('message', (text) => {
    if (JSON.parse(String(text)).type === 'ping') socket.send(JSON.stringify({ type: 'pong', at: now() }))
  })
}

server.listen(PORT, '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}  operator | leader | intake, password demo`))
