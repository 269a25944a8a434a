import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { withoutSecrets } from '../../src/collect/secrets.ts';
import { collectSysctlFiles } from '../../src/collect/sysctl-files.ts';
import { unseenLog } from '../../src/collect/unseen.ts';
import { memoryHost } from '../tools/memory-host.ts';

const KEY = 'feedf00d-4567ef01-89ab2345-cdef6789';
const ZEROS = '00000000-00000000-00000000-00000000';

describe('the values of secret variables', () => {
  test.each([
    [`net.ipv4.tcp_fastopen_key = ${KEY}\n`, `net.ipv4.tcp_fastopen_key = ${ZEROS}\n`],
    [`-net/ipv4/tcp_fastopen_key=${KEY},${KEY}`, `-net/ipv4/tcp_fastopen_key=${ZEROS},${ZEROS}`],
    [`# tcp_fastopen_key = ${KEY} of old\nx = 5`, `# tcp_fastopen_key = ${ZEROS} 00 000\nx = 5`],
    [`net.ipv4.tcp_fastopen_ke? = ${KEY}\r\nx = 5`, `net.ipv4.tcp_fastopen_ke? = ${ZEROS}\r\nx = 5`],
    ['net.ipv4.tcp_fastopen_key = 1-2-3-4', 'net.ipv4.tcp_fastopen_key = 0-0-0-0'],
    ['net.ipv4.tcp_fastopen_key = feed\\\nf00d\nx = 5', 'net.ipv4.tcp_fastopen_key = 0000\\\n0000\nx = 5'],
    ['net.ipv6.conf.*.stable_secret = 2001:db8::7', 'net.ipv6.conf.*.stable_secret = 0000:000::0'],
  ])('%j become zeros', (text, expected) => {
    expect(withoutSecrets(text)).toBe(expected);
  });

  test.each([
    'net.core.somaxconn = 4096\n',
    'net.ipv4.tcp_fastopen = 3\n# as of 2026-11-20\n',
    'net.ipv4.conf.a-b-c-d.rp_filter = 1',
    'net.ipv4.tcp_rmem = 4096 131072 6291456',
    'net.ipv4.ip_local_reserved_ports = 8080-8090,9000',
  ])('%j stays as it is', (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  test('lines and lengths stay', () => {
    const piece = fc.constantFrom(
      'tcp_fastopen_key',
      'stable_secret',
      '=',
      ' ',
      '\n',
      '\\\n',
      '\0',
      'ab-1',
      KEY,
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const lengths = (one: string) => one.split('\n').map((line) => line.length);
        expect(lengths(withoutSecrets(text))).toEqual(lengths(text));
        expect(withoutSecrets(text)).not.toContain('feedf00d');
      }),
    );
  });

  test('are in no file of a snapshot, whatever its bytes are', () => {
    const line = `net.ipv4.tcp_fastopen_key = ${KEY}\n`;
    const tree = {
      '/etc/sysctl.d/50-a.conf': line,
      '/etc/sysctl.d/50-b.conf': { bytes: Buffer.concat([Buffer.from([0xff, 0x0a]), Buffer.from(line)]) },
    };
    const log = unseenLog({ uid: 0, pid: 1 });
    const [plain, odd] = collectSysctlFiles(memoryHost({ tree }).reader, log);
    expect(plain?.text).toBe(`net.ipv4.tcp_fastopen_key = ${ZEROS}\n`);
    expect(Buffer.from(odd?.base64 ?? '', 'base64').toString('latin1')).toBe(
      `\xff\nnet.ipv4.tcp_fastopen_key = ${ZEROS}\n`,
    );
  });
});
