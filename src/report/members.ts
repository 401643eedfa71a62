import { formatCount, formatDurationUs, formatPercent } from '../core/units.ts';
import type { MemberSummary, Summary } from '../results/summary.ts';

/** Members told of one by one; of more, those that did worst. */
const MEMBERS_TOLD_MAX = 8;

/** Of a merged result: how well its members began together, and what each did. Empty for a run of one. */
export function memberSentences({ run }: Summary): readonly string[] {
  const { members, startSkewUs, limiterShare } = run;
  if (members === undefined || members.length === 0) return [];
  const told = [...members].sort((a, b) => badness(b) - badness(a)).slice(0, MEMBERS_TOLD_MAX);
  const more = members.length - told.length;
  return [
    startSentence(members, startSkewUs ?? null),
    ...(limiterShare === undefined
      ? []
      : [`their limiters together let through ${formatPercent(limiterShare)} of a shard's limits`]),
    ...told.sort((a, b) => a.index - b.index).map(memberSentence),
    ...(more > 0 ? [`${formatCount(more)} more members, which began no later`] : []),
  ];
}

function startSentence(members: readonly MemberSummary[], skewUs: number | null): string {
  const checked = members.filter(({ clockOffsetUs }) => clockOffsetUs !== null).length;
  const clocks =
    checked === members.length
      ? 'clocks checked against a time server'
      : `by the clocks of ${checked === 0 ? 'their' : 'some of their'} own machines, whose offsets are unknown`;
  if (skewUs === null) return `${members.length} members; how far apart they began is unknown`;
  return `${members.length} members began within ${formatDurationUs(skewUs)} of each other, ${clocks}`;
}

function memberSentence(member: MemberSummary): string {
  const { index, offered, accepted, startedLateUs, status, valid, verdict } = member;
  const start =
    startedLateUs === null
      ? 'never began'
      : `began ${formatDurationUs(startedLateUs)} after time 0`;
  const doubt = verdict === 'suspect' ? ', suspect' : '';
  const fate = `${status}${valid ? doubt : ', invalid'}`;
  const counts = `${formatCount(accepted)} of ${formatCount(offered)} accepted`;
  return `share ${index}: ${counts}, ${start}${clockWords(member)}, ${fate}`;
}

function clockWords({ clockOffsetUs, clockDriftUs = null }: MemberSummary): string {
  if (clockOffsetUs === null) return '';
  const way = clockOffsetUs === 0 ? '' : clockOffsetUs < 0 ? ' (behind)' : ' (ahead)';
  const off = `, clock off by ${formatDurationUs(Math.abs(clockOffsetUs))}${way}`;
  if (clockDriftUs === null) return off;
  const drift = `${clockDriftUs < 0 ? 'lost' : 'gained'} ${formatDurationUs(Math.abs(clockDriftUs))}`;
  return `${off} and ${drift} during the run`;
}

/** Those that failed first, then those that began late. */
function badness({ status, valid, verdict, startedLateUs }: MemberSummary): number {
  const lateUs = startedLateUs ?? Number.MAX_SAFE_INTEGER;
  const isGood = status === 'completed' && valid && verdict !== 'suspect';
  return isGood ? lateUs : Number.MAX_SAFE_INTEGER;
}
