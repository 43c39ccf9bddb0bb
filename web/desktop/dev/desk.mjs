/** The fake server's tickets: enough of the guards to see what the desktop does with them. */
import { line, now } from './world.mjs'
import { catalogue, STATE_NAMES } from './sample.mjs'

const REQUIRED = ['anonymous', 'confidential', 'public_ok', 'appeal_type', 'handling_class', 'category', 'title', 'content', 'area', 'urgency']
const ELEMENTS = ['occurred_at', 'address', 'complained_party', 'purpose']

const NAMES = {
  anonymous: '是否匿名', confidential: '是否保密', public_ok: '是否公开', appeal_type: '诉求类型', handling_class: '处理类别',
  category: '事项分类', title: '标题', content: '诉求内容', area: '所属县区', urgency: '紧急程度', occurred_at: '发生时间',
  address: '详细地址', complained_party: '被反映对象', purpose: '诉求目的', kb_source: '答复依据', answer_text: '答复内容',
}
const lack = (field, where = 'form') => ({ field, where, zh: `缺少${NAMES[field] ?? field}`, en: `Missing: ${field}` })
const blank = (ticket, names) => names.filter((name) => ticket[name] === null || ticket[name] === '').map((name) => lack(name))

export function withActions(ticket) {
  return { ...ticket, allowed_actions: actions(ticket) }
}

function actions(ticket) {
  const made = (trigger, to, zh, en, missing) => ({ trigger, to, zh, en, missing })
  if (ticket.state === 'PENDING_INFO') return [made('resume', 'DRAFT', '继续登记', 'Resume the draft', [])]
  if (ticket.state !== 'DRAFT') return []
  const enquiry = ticket.appeal_type === 'enquiry' ? [] : [lack('appeal_type')]
  const guidance = ticket.handling_class === 'guidance' ? [] : [lack('handling_class')]
  return [
    made('answer', 'ANSWERED', '即时解答', 'Answered on the spot', [...enquiry, ...blank(ticket, ['kb_source', 'category', 'title', 'answer_text']), lack('caller_heard', 'data')]),
    made('refer', 'REFERRED', '指引转接', 'Refer', [...guidance, ...blank(ticket, ['referral_target', 'referral_result'])]),
    made('accept', 'TO_DISPATCH', '受理转办', 'Accept for dispatch', blank(ticket, [...REQUIRED, ...(ticket.missing_info ? [] : ELEMENTS)])),
    made('request_info', 'PENDING_INFO', '待补充', 'Needs more facts', blank(ticket, ['missing_info'])),
    made('propose_invalid', 'DRAFT', '提请判为无效', 'Propose as invalid', blank(ticket, ['invalid_reason'])),
  ]
}

/** Return [status, body] of a PATCH. */
export function patch(world, ticket, { version, fields }) {
  if (version !== ticket.version) return [409, refusal('TICKET_STALE', '工单已被他人修改', 'Changed by somebody else', { ticket: withActions(ticket) })]
  for (const field of ['contact_phone', 'alt_phone']) {
    if (fields[field] && !/^\d{7,12}$/.test(fields[field])) {
      const problem = { field, zh: '不是有效的电话号码', en: 'Not a telephone number' }
      return [422, refusal('FIELD_REFUSED', '填写有误', 'Invalid input', { fields: [problem] })]
    }
  }
  const category = catalogue.categories.find((one) => one.code === (fields.category ?? ticket.category))
  Object.assign(ticket, fields, { version: version + 1, category_name: category?.name ?? '' })
  world.publish('ticket', { ticket_id: ticket.id, version: ticket.version, state: ticket.state })
  return [200, withActions(ticket)]
}

export function move(world, ticket, { trigger, version, data }) {
  if (version !== ticket.version) return [409, refusal('TICKET_STALE', '工单已被他人修改', 'Changed by somebody else', { ticket: withActions(ticket) })]
  Object.assign(ticket, data.fields)
  const action = actions(ticket).find((one) => one.trigger === trigger)
  const missing = action?.missing.filter((one) => one.field !== 'caller_heard' || !data.caller_heard) ?? [lack('trigger')]
  if (missing.length > 0) return [422, refusal('TICKET_INCOMPLETE', '还不能提交', 'Not yet possible', { missing })]
  const editable = action.to === 'DRAFT' || action.to === 'PENDING_INFO'
  Object.assign(ticket, {
    state: action.to, state_name: STATE_NAMES[action.to][0], version: version + 1, editable,
    invalid_proposed: trigger === 'propose_invalid',
    number: editable ? null : `20261122${String(ticket.id).padStart(5, '0')}`,
    accepted_at: editable ? null : now(), accepted_by_name: editable ? '' : '林晓燕',
  })
  world.publish('ticket', { ticket_id: ticket.id, version: ticket.version, state: ticket.state })
  return [200, withActions(ticket)]
}

export function list(world, query) {
  const words = query.get('q') ?? ''
  const before = Number(query.get('before') ?? Infinity)
  const limit = Number(query.get('limit') ?? 40)
  const mine = query.get('scope') === 'mine'
  const found = [...world.tickets.values()]
    .filter((one) => one.id < before && (!query.get('state') || one.state === query.get('state')))
    .filter((one) => !mine || one.id >= 95)
    .filter((one) => `${one.number}${one.title}${one.content}`.includes(words))
    .sort((a, b) => b.id - a.id)
  const page = found.slice(0, limit)
  return { tickets: page.map(line), next: found.length > limit ? page.at(-1).id : null, total_hint: words ? null : found.length }
}

export function events(ticket) {
  const base = { by_name: ticket.accepted_by_name || '林晓燕', kind_name: '', trigger: '', trigger_name: '' }
  const made = [
    { ...base, seq: 1, at: ticket.opened_at, kind: 'opened', from: null, to: 'DRAFT', data: {} },
    { ...base, seq: 2, at: ticket.opened_at, kind: 'edited', from: 'DRAFT', to: 'DRAFT', data: { fields: ['title', 'content', 'area', 'category'] } },
  ]
  if (!ticket.editable) made.push({ ...base, seq: 3, at: ticket.accepted_at, kind: 'moved', trigger: 'accept', trigger_name: '受理转办', from: 'DRAFT', to: ticket.state, data: {} })
  return made
}

export const refusal = (code, zh, en, details = {}) => ({ code, zh, en, details })
