import type { emergencyZh } from './emergency.zh'

export const emergencyEn: typeof emergencyZh = {
  hint: 'Emergency: one press calls the desk in; leave once it is there',
  names: { '110': 'Police', '119': 'Fire', '120': 'Medical', '122': 'Traffic' },
  routes: { 'trunk-a': 'trunk A', 'trunk-b': 'trunk B', 'duty-desk': 'duty desk' },
  dialling: (number, route) => `Calling ${number} (${route}), stay on the line`,
  reached: (number) => `${number} has answered: you are three`,
  failed: (number, why) => `${number} not reached: ${why}`,
  results: { busy: 'busy', no_answer: 'no answer', unreachable: 'line down', failed: 'failed' },
  handOver: 'Hand over, leave',
  withdraw: 'Stop calling',
  letGo: 'Let the desk go',
}
