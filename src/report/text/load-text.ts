import type { Load } from '../../model/load.ts';

/** `5000 connections at once after 100 handshakes` */
export function loadText({ kind, connections, prefilled }: Load): string {
  const before = prefilled === 0 ? '' : ` after ${prefilled} handshakes`;
  switch (kind) {
    case 'syn':
      return `${connections} bare SYNs${before}`;
    case 'proven-syn':
      return `${connections} bare SYNs of peers that were here before${before}`;
    case 'time-wait-syn':
      return `${connections} SYNs of peers in TIME_WAIT${before}`;
    case 'handshake':
      return `${connections + prefilled} handshakes, one after another`;
    case 'burst':
    case 'prefilled-burst':
      return `${connections} connections at once${before}`;
    case 'fast-open':
      return `${connections} SYNs with data by Fast Open${before}`;
  }
}
