/** From the least to the most that a number may be, both included. */
export type Span = { readonly low: number; readonly high: number };
