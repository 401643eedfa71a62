/**
 * How far this machine's clock is from another's, from questions and answers. In: four times of each exchange. Out: the
 * offset, and a bound of its error (Cristian): the answer was written some time between question and answer, so the
 * exchange with the least delay says the most. Pure.
 */

/** One question and its answer, in Unix microseconds. */
export interface ClockExchange {
  /** By this machine's clock: when it asked, and when the answer came. */
  readonly askedUs: number;
  readonly answeredUs: number;
  /** By the server's clock: when the question came, and when the answer left. */
  readonly receivedUs: number;
  readonly sentUs: number;
}

/** This clock minus the server's, which is certain within `errorUs`. */
export interface ClockOffset {
  readonly offsetUs: number;
  readonly errorUs: number;
}

/** The offset by the exchange of least delay; null: there is none that makes sense. */
export function estimateOffset(exchanges: readonly ClockExchange[]): ClockOffset | null {
  let best: ClockOffset | null = null;
  for (const { askedUs, answeredUs, receivedUs, sentUs } of exchanges) {
    const delayUs = answeredUs - askedUs - (sentUs - receivedUs);
    // A clock that was set during the exchange, or a server that says it answered for longer than we waited.
    if (!(delayUs >= 0) || sentUs < receivedUs) continue;
    const errorUs = delayUs / 2;
    if (best !== null && errorUs >= best.errorUs) continue;
    best = { offsetUs: (askedUs - receivedUs + answeredUs - sentUs) / 2, errorUs };
  }
  return best;
}

/** What a clock is corrected by: its offset as it was seen; 0 where that is within its error, so that noise corrects nothing. */
export function correctionUs(offset: ClockOffset | null): number {
  return offset !== null && Math.abs(offset.offsetUs) > offset.errorUs ? offset.offsetUs : 0;
}
