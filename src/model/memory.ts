import { constant, type Figure, given, inUnit, named, over, plus, times } from '../core/figure.ts';

/** Where the sizes below were measured; they change with version and configuration (/proc/slabinfo). */
export const MEASURED_ON = '6.18 x86-64';

/** Slab memory, with what a slab wastes: 4096 / 12, 32768 / 13, and the inode that accept() adds. */
const REQUEST_BYTES = 341;
const SOCKET_BYTES = 2521;
const INODE_BYTES = 832;

/** The page of x86-64, in which tcp_mem counts. */
export const PAGE_BYTES = 4096;

export function requestBytes(): Figure {
  return constant(REQUEST_BYTES, 'bytes', `a half-open request, measured on ${MEASURED_ON}`);
}

function socketBytes(): Figure {
  return constant(SOCKET_BYTES, 'bytes', `a socket that waits for accept(), measured on ${MEASURED_ON}`);
}

/** An entry of the accept queue, without the data that its client has sent. */
export function queuedConnectionBytes(): Figure {
  return named('entry of the accept queue', plus(requestBytes(), socketBytes()));
}

/** An accepted connection without data; its file and directory entry are not counted. */
export function idleConnectionBytes(): Figure {
  const inode = constant(INODE_BYTES, 'bytes', `its inode, measured on ${MEASURED_ON}`);
  return named('accepted connection', plus(socketBytes(), inode));
}

/** @param entries in requests */
export function synQueueBytes(entries: Figure): Figure {
  return named('full SYN queue in bytes', times(inUnit('bytes', entries), requestBytes()));
}

/** @param entries in connections: the capacity, one more than the limit */
export function acceptQueueBytes(entries: Figure): Figure {
  return named('full accept queue in bytes', times(inUnit('bytes', entries), queuedConnectionBytes()));
}

/** How many buffers of the size, all full, bring TCP to its memory pressure. @param pressure in pages */
export function buffersUntilPressure(pressure: Figure, buffer: Figure): Figure {
  const page = given('page size', PAGE_BYTES, 'bytes', 'x86-64');
  const bytes = named('memory until pressure', inUnit('bytes', times(pressure, page)));
  return inUnit('connections', named('full buffers until pressure', over(bytes, buffer)));
}
