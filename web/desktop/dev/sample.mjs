/** Invented sample data for looking at the desktop without a switch. */

const NAMES = ['陈晓雨', '李明哲', '王思远', '赵子涵', '周雅婷', '孙浩然', '吴若曦', '郑凯']
const choice = (pairs) => pairs.map(([code, zh, en]) => ({ code, zh, en }))
const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString()

export const accounts = {
  operator: { account_id: 1, username: 'operator', display_name: '林晓燕', roles: ['operator'] },
  leader: { account_id: 2, username: 'leader', display_name: '高建平', roles: ['shift_leader'] },
  intake: { account_id: 3, username: 'intake', display_name: '何静', roles: ['intake'] },
}

export function seats() {
  const board = {}
  const states = ['talking', 'ready', 'wrap_up', 'not_ready', 'talking', 'ready', 'free', 'free', 'ringing', 'free', 'closed', 'closed']
  states.forEach((state, index) => {
    const number = String(index + 1).padStart(2, '0')
    const staffed = state !== 'free' && state !== 'closed'
    board[number] = {
      number,
      state,
      agent_name: staffed ? NAMES[index % NAMES.length] : '',
      reason: state === 'not_ready' ? 'meal' : '',
      since: staffed ? ago(40 + index * 97) : null,
      reachable: staffed,
    }
  })
  return board
}

export const callLine = (id, minutes, outcome, talk, ticket = null) => ({
  call_id: `00000000-0000-4000-8000-00000000000${id}`,
  started_at: ago(minutes * 60),
  outcome,
  agent_name: outcome === 'answered' ? NAMES[id % NAMES.length] : '',
  waited_seconds: 8 + id,
  talk_seconds: talk,
  dnid: '12345',
  caller_masked: '139****0001',
  ticket_id: ticket,
})

export const lastCalls = [
  callLine(1, 26, 'abandoned_in_queue', 0),
  callLine(2, 1500, 'answered', 214, 41),
  callLine(3, 8800, 'answered', 97, 42),
]

export const STATE_NAMES = {
  DRAFT: ['登记中', 'Draft'],
  PENDING_INFO: ['待补充', 'Needs facts'],
  TO_DISPATCH: ['待转办', 'To dispatch'],
  DISPATCHED: ['已转办待签收', 'Dispatched'],
  HANDLING: ['办理中', 'In hand'],
  ANSWERED: ['即时解答', 'Answered'],
  REFERRED: ['已指引/转接', 'Referred'],
  INVALID: ['无效', 'Invalid'],
  CLOSED: ['已办结', 'Closed'],
}

const tree = [
  ['1', null, '消费投诉', 'xfts'],
  ['111', '1', '城市供水', 'csgs'],
  ['11101', '111', '停水', 'ts'],
  ['11102', '111', '水压不足', 'sybz'],
  ['11103', '111', '水质', 'sz'],
  ['11104', '111', '管道漏水', 'gdls'],
  ['112', '1', '供电', 'gd'],
  ['11201', '112', '停电', 'td'],
  ['11202', '112', '电费', 'df'],
  ['114', '1', '供暖', 'gn'],
  ['11401', '114', '供暖不热', 'gnbr'],
  ['11402', '114', '供暖收费', 'gnsf'],
  ['102', '1', '食品药品', 'spyp'],
  ['10201', '102', '食品安全', 'spaq'],
  ['10203', '102', '餐饮卫生', 'cyws'],
  ['2', null, '行政效能投诉', 'xzxnts'],
  ['201', '2', '工作作风', 'gzzf'],
  ['202', '2', '服务态度', 'fwtd'],
  ['203', '2', '办事效率', 'bsxl'],
  ['3', null, '政务信息咨询', 'zwxxzx'],
  ['301', '3', '政策法规', 'zcfg'],
  ['302', '3', '办事流程', 'bslc'],
  ['303', '3', '户籍与社保', 'hjysb'],
  ['4', null, '建议与求助', 'jyyqz'],
  ['401', '4', '公共交通', 'ggjt'],
  ['40101', '401', '公交线路', 'gjxl'],
  ['40102', '401', '站点设置', 'zdsz'],
  ['402', '4', '市容环境', 'srhj'],
  ['40201', '402', '路灯照明', 'ldzm'],
  ['40202', '402', '噪声扰民', 'zsrm'],
]

export const catalogue = {
  appeal_types: choice([['enquiry', '咨询', 'Enquiry'], ['help', '求助', 'Help'], ['complaint', '投诉', 'Complaint'], ['report', '举报', 'Report'], ['suggestion', '建议', 'Suggestion']]),
  handling_classes: choice([['enquiry', '咨询类', 'Enquiry'], ['appeal', '诉求类', 'Appeal'], ['emergency', '突发类', 'Emergency'], ['key', '重点类', 'Key matter'], ['guidance', '指引类', 'Guidance']]),
  urgencies: choice([['normal', '一般', 'Normal'], ['urgent', '紧急', 'Urgent'], ['critical', '特急', 'Critical']]),
  reply_methods: choice([['phone', '电话', 'Telephone'], ['sms', '短信', 'SMS'], ['wechat', '微信', 'WeChat'], ['letter', '书面', 'In writing'], ['none', '不需回复', 'No reply wanted']]),
  genders: choice([['male', '男', 'Male'], ['female', '女', 'Female'], ['unknown', '未知', 'Unknown']]),
  subject_kinds: choice([['person', '个人', 'Person'], ['company', '企业', 'Company'], ['organisation', '组织', 'Organisation']]),
  languages: choice([['mandarin', '普通话', 'Mandarin'], ['dialect', '方言', 'Dialect'], ['english', '英语', 'English'], ['korean', '韩语/朝鲜语', 'Korean'], ['other', '其他', 'Other']]),
  states: choice(Object.entries(STATE_NAMES).map(([code, [zh, en]]) => [code, zh, en])),
  channels: choice([['phone', '电话', 'Telephone'], ['web', '网站', 'Website']]),
  referral_results: choice([['guided', '已口头指引', 'Guided by word of mouth'], ['answered', '已接通', 'Answered'], ['busy', '占线', 'Busy'], ['no_answer', '无人接听', 'No answer']]),
  areas: choice([['210802', '站前区', 'Zhanqian District'], ['210803', '西市区', 'Xishi District'], ['210804', '鲅鱼圈区', 'Bayuquan District'], ['210811', '老边区', 'Laobian District'], ['210881', '盖州市', 'Gaizhou City'], ['210882', '大石桥市', 'Dashiqiao City']]),
  referral_targets: [
    { code: '110', zh: '公安报警', en: 'Police', number: '110', kind: 'emergency' },
    { code: '120', zh: '医疗急救', en: 'Ambulance', number: '120', kind: 'emergency' },
    { code: '12315', zh: '市场监管投诉举报', en: 'Market supervision', number: '12315', kind: 'national' },
    { code: '12388', zh: '纪检监察举报', en: 'Discipline inspection', number: '12388', kind: 'guide_only' },
  ],
  pause_reasons: choice([['sign_in', '刚签入', 'Just signed in'], ['rest', '小休', 'Rest'], ['meal', '用餐', 'Meal'], ['training', '培训', 'Training'], ['meeting', '会议', 'Meeting'], ['system', '系统或设备故障', 'System or device fault'], ['missed_call', '漏接来电', 'Missed call']]),
  units: [{ id: 1, name: '市水务集团', kind: 'enterprise' }],
  hotlines: [{ number: '12345', name: '政务服务便民热线' }, { number: '8890', name: '便民服务热线' }],
  categories: tree.map(([code, parent, zh, pinyin]) => ({ code, name: zh, zh, en: zh, parent, pinyin, active: true })),
}

const TITLES = [
  ['某小区三号楼连续两日停水', '11101', 'TO_DISPATCH'],
  ['供暖后室温不足十六度', '11401', 'HANDLING'],
  ['咨询灵活就业人员社保缴费流程', '303', 'ANSWERED'],
  ['建设街路灯夜间不亮', '40201', 'DISPATCHED'],
  ['建议增设 5 路公交站点', '40102', 'TO_DISPATCH'],
  ['烧烤店油烟和噪声扰民', '40202', 'CLOSED'],
  ['反映窗口办事效率低', '203', 'TO_DISPATCH'],
  ['自来水有异味', '11103', 'HANDLING'],
  ['12315 消费纠纷指引', '10203', 'REFERRED'],
  ['静默电话', null, 'INVALID'],
]

export function emptyTicket(id, fields = {}) {
  return {
    id, number: null, version: 1, state: 'DRAFT', state_name: '登记中', channel: 'phone', call_id: null,
    source_number: '', contact_id: id, dnid: '12345', hotline_name: '政务服务便民热线', menu: '', recording: false,
    opened_at: ago(0), opened_by_name: '林晓燕', accepted_at: null, accepted_by_name: '', category_name: '', area_name: '',
    invalid_proposed: false, editable: true, caller_name: '', caller_gender: null, contact_phone: '', alt_phone: '',
    reply_method: null, anonymous: null, confidential: null, public_ok: null, language: null, subject_kind: null,
    appeal_type: null, handling_class: null, category: null, title: '', content: '', area: null, street: '',
    community: '', address: '', occurred_at: '', complained_party: '', urgency: null, purpose: '', key_flag: false,
    key_reason: '', kb_query: '', kb_source: '', answer_text: '', referral_target: null, referral_result: null,
    missing_info: '', invalid_reason: '', related_ticket: null, warnings: [], ...fields,
  }
}

export function tickets() {
  const made = new Map()
  for (let index = 0; index < 64; index++) {
    const [title, category, state] = TITLES[index % TITLES.length]
    const id = 100 - index
    made.set(id, emptyTicket(id, {
      number: state === 'INVALID' ? null : `20261122${String(id).padStart(5, '0')}`,
      state, state_name: STATE_NAMES[state][0], title, category, editable: false,
      category_name: catalogue.categories.find((one) => one.code === category)?.name ?? '',
      opened_at: ago(600 + index * 3100), accepted_at: ago(500 + index * 3100), accepted_by_name: NAMES[index % 8],
      source_number: `139****${String(1000 + index)}`, call_id: lastCalls[1].call_id, recording: true,
      content: '来电人反映,所住小区三号楼自昨晚八点起停水,至今未恢复,物业电话无人接听。希望尽快恢复供水并告知原因。',
      area: '210802', street: '建设街道', address: '某小区三号楼', appeal_type: 'complaint', handling_class: 'appeal',
      urgency: 'normal', anonymous: false, confidential: false, public_ok: true, caller_name: '刘女士',
      complained_party: '供水公司', purpose: '尽快恢复供水', occurred_at: '昨晚八点起',
    }))
  }
  made.set(101, emptyTicket(101, { title: '小区门口井盖松动', opened_at: ago(5400), source_number: '0417****567' }))
  return made
}
