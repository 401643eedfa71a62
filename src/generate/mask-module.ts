// Made by `npm run make-mask` from scripts/mask-module.ts, where it is described; a test holds them together.
/** The WebAssembly module, base64. */
export const MASK_MODULE =
  // biome-ignore format: one string
  'AGFzbQEAAAABCAFgBH9/f38AAwIBAAUEAQEDAwcRAgZtZW1vcnkCAARtYXNrAAAKbwFtAgF7AX8gA/0RIQQgASACaiEFA0AgASAEIAD9AAIA/VH9CwQAIAEgBCAA/QACEP1R/QsEECABIAQgAP0AAiD9Uf0LBCAgASAEIAD9AAIw/VH9CwQwIABBwABqIQAgAUHAAGohASABIAVJDQALCw==';
