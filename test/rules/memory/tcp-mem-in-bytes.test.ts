import { tcpMemInBytes } from '../../../src/rules/memory/tcp-mem-in-bytes.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const TCP = 'net.ipv4.tcp_mem';
const UDP = 'net.ipv4.udp_mem';
const file = '/etc/sysctl.d/99-tune.conf';
const { memoryBytes: _memory, ...unmeasured } = hostOf({}).host;

testRule(tcpMemInBytes, {
  pass: [
    { name: 'pages of this memory', host: hostOf({ sysctls: { [TCP]: '94000 125000 188000' } }) },
    {
      name: 'pages of a small memory',
      host: hostOf({ memoryMib: 1024, sysctls: { [TCP]: '21180 28243 42360' } }),
    },
    {
      name: 'absent, as in a container',
      host: hostOf({ environment: 'container', files: { [file]: `${TCP} = 4096 87380 16777216\n` } }),
    },
  ],
  unknown: [
    {
      name: 'the memory is not known',
      host: { ...hostOf({ sysctls: { [TCP]: '4096 87380 16777216' } }), host: unmeasured },
      why: 'the size of the memory was not collected',
    },
  ],
  fail: [
    {
      name: 'copied from tcp_rmem, by a file',
      host: hostOf({
        sysctls: { [TCP]: '4096\t87380\t16777216' },
        files: { [file]: `${TCP} = 4096 87380 16777216\n` },
      }),
      findings: [
        {
          messageId: 'live',
          severity: 'high',
          confidence: 'inferred',
          subjects: [TCP],
          args: { key: TCP, value: '4096 87380 16777216', beyondMemory: true },
          remedies: [`delete-line ${file}:1 bad-setting`],
        },
      ],
    },
    {
      name: 'within the memory, but well known from tcp_wmem, set by hand',
      host: hostOf({ sysctls: { [TCP]: '4096 65536 1048576' } }),
      findings: [
        {
          messageId: 'live',
          severity: 'high',
          confidence: 'inferred',
          subjects: [TCP],
          args: { key: TCP, value: '4096 65536 1048576', beyondMemory: false },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'three times 8 MiB on a host that has more pages than that',
      host: hostOf({ memoryMib: 65536, sysctls: { [TCP]: '8388608 8388608 8388608' } }),
      findings: [
        {
          messageId: 'live',
          severity: 'high',
          confidence: 'inferred',
          subjects: [TCP],
          args: { key: TCP, value: '8388608 8388608 8388608', beyondMemory: false },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'waiting in a file for the next boot',
      host: hostOf({
        sysctls: { [TCP]: '94000 125000 188000' },
        files: { [file]: `${TCP} = 94000 125000 188000\n${UDP} = 8388608 8388608 8388608\n` },
      }),
      findings: [
        {
          messageId: 'line',
          severity: 'medium',
          confidence: 'inferred',
          subjects: [UDP],
          args: { key: UDP, value: '8388608 8388608 8388608', beyondMemory: true, line: `${file}:2` },
          remedies: [`delete-line ${file}:2 bad-setting`],
        },
      ],
    },
  ],
});
