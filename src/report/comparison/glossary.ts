/** How a comparison's figures were made: what a reader must know before quoting them. */
export const COMPARISON_GLOSSARY: readonly (readonly [string, string])[] = [
  [
    'run, block',
    'The unit of a comparison is the run, never the request: requests of one run resemble each other. A block is one run of each variant, in an order drawn from the seed and run backwards in the next block, so that a slow drift favours no variant; runs of a block see the same records at the same times.',
  ],
  [
    'change',
    'Hodges and Lehmann’s estimate on the logarithms: in pairs the median of all averages of two blocks’ log ratios, otherwise the median of all log ratios between runs. It does not follow single outliers.',
  ],
  [
    'interval',
    'From the exact distribution of Wilcoxon’s signed-rank statistic (in pairs) or of Mann and Whitney’s U; no normal distribution is assumed. It leaves out “no change” exactly when the p-value is within the level.',
  ],
  [
    'primary, exploratory',
    'Primary metrics were declared before; they are corrected by Holm’s procedure for each variant, so that the chance of any false “different” among them stays at 5 %. With m of them the first is judged at 5 %/m, which needs more blocks. Variants are not corrected against each other, because each is a question of its own: of many that change nothing some will be called different (of 16 about every third comparison has one), but hardly any better or worse, which takes a change beyond the margin. Exploratory metrics are not corrected at all.',
  ],
  [
    'margin',
    'The smallest change that would matter to you, declared in the scenario. 5 % means ×1.05 up and ÷1.05 down.',
  ],
  [
    'different, matters, equivalent',
    'Different: the interval leaves out no change. Matters (better, worse): all of it lies beyond the margin. Equivalent: all of it lies within. A change may be different and not yet shown to matter.',
  ],
  [
    'inconclusive',
    'The interval is too wide to say. The number of blocks that would do is an estimate: half-widths shrink with the root of the number of blocks.',
  ],
  [
    'two looks',
    'A sweep that may go on when its first blocks leave something open looks twice, and each look is judged at 3 %, so that both together call an unchanged metric different in at most 5 %. What has one look is judged at 5 %.',
  ],
  [
    'estimate only',
    'Fewer than six blocks (four runs of each without blocks) cannot tell a change from noise at 5 %, whatever they show.',
  ],
  [
    'percentile curves and shifts',
    'Histograms of runs are added, and percentiles read from the sum; percentiles are never averaged. Bands come from drawing runs again (bootstrap, 95 %); with few runs they are too narrow.',
  ],
  [
    'front',
    'A variant is on the front when no other is at least as good in cost, p99 and CPU and better in one of them; medians over runs.',
  ],
  [
    'recommended',
    'Of the variants on the front that held every threshold in every run, the one with the largest gain over the primary metrics together; only what was shown to differ beyond equivalence counts.',
  ],
  [
    'settled',
    'Whether a run’s rate and response time stopped changing (MSER-5 over its seconds). A figure of a run that never settled depends on how long it was.',
  ],
  [
    'Cliff’s δ',
    'How often a run of the variant lies above one of the baseline, less how often below: −1 to 1.',
  ],
];
