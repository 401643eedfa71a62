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
  const { index, offered, accepted, startedLateUs, clockOffsetUs, status, valid } = member;
  const start =
    startedLateUs === null
      ? 'never began'
      : `began ${formatDurationUs(startedLateUs)} after time 0`;
  const offset =
    clockOffsetUs === null ? '' : `, clock off by ${formatDurationUs(Math.abs(clockOffsetUs))}`;
  const fate = `${status}${valid ? '' : ', invalid'}`;
  const counts = `${formatCount(accepted)} of ${formatCount(offered)} accepted`;
  return `share ${index}: ${counts}, ${start}${offset}, ${fate}`;
}

/** Those that failed first, then those that began late. */
function badness({ status, valid, startedLateUs }: MemberSummary): number {
  const lateUs = startedLateUs ?? Number.MAX_SAFE_INTEGER;
  return status === 'completed' && valid ? lateUs : Number.MAX_SAFE_INTEGER;
}
