/** A unix listener as the kernel knows it; the name has one character a byte. */
export type FakeUnixSocket = { readonly name: string; readonly inode: number; readonly limit: number };

/** What `ss -Hxnem state listening` of iproute2 6.1 prints, alignment included, one character a byte. */
export function renderSsUnix(sockets: readonly FakeUnixSocket[], withMemory = true): string {
  const width = Math.max('Local Address:'.length, ...sockets.map(({ name }) => name.length));
  const inodeWidth = Math.max(4, ...sockets.map(({ inode }) => String(inode).length));
  const memory = withMemory ? 'skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d2) ' : '';
  return sockets
    .map(({ name, inode, limit }) => {
      const serial = String(inode).padEnd(inodeWidth);
      return `u_str 0      ${String(limit).padEnd(6)} ${name.padStart(width)} ${serial} * 0 ${memory}<-> peers:     \n`;
    })
    .join('');
}
