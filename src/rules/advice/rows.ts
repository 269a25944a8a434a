import { BUFFER_ROWS } from './buffer-rows.ts';
import { CONNECTION_ROWS } from './connection-rows.ts';
import { HANDSHAKE_ROWS } from './handshake-rows.ts';
import { NETFILTER_ROWS } from './netfilter-rows.ts';
import type { AdviceRow } from './row.ts';

export const ADVICE_ROWS: readonly AdviceRow[] = [
  ...HANDSHAKE_ROWS,
  ...BUFFER_ROWS,
  ...CONNECTION_ROWS,
  ...NETFILTER_ROWS,
];
