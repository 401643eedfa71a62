/** Formats that a stored result can be rendered in. */
export const REPORT_FORMATS = [
  'html',
  'markdown',
  'json',
  'csv',
  'prometheus',
  'hlog',
  'junit',
] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];
