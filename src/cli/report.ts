import type { Command } from './command.ts';
import { REPORT_FORMATS } from './report-formats.ts';

/** `report <result…>`: renders stored results again. */
export const reportCommand: Command = {
  command: 'report <result..>',
  describe: 'render stored results again, in any format',
  positionals: { result: { type: 'string', describe: 'result folders' } },
  flags: {
    format: {
      type: 'string',
      requiresArg: true,
      default: 'html',
      describe: `one or more of ${REPORT_FORMATS.join(', ')}, separated by commas`,
    },
    out: {
      type: 'string',
      requiresArg: true,
      describe: 'folder to write to; without it html goes into the result folder, text to stdout',
    },
  },
  examples: [
    ['$0 report results/2026…', 'write report.html again'],
    ['$0 report results/2026… --format markdown >> "$GITHUB_STEP_SUMMARY"', 'for a CI job'],
    ['$0 report results/* --format csv', 'one line a run'],
    ['$0 report results/2026… --format junit > junit.xml', 'thresholds as test cases'],
  ],
  run: async (args, io) => (await import('./report-action.ts')).renderResults(args, io),
};
