import { keyOfAbsentModule } from '../../../src/rules/sysctl-file/key-of-absent-module.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { FILE, SOMAXCONN, tuned } from '../advice/rows.ts';
import { hostOf } from '../host.ts';

const MAX = 'net.netfilter.nf_conntrack_max';
const LOOSE = 'net.netfilter.nf_conntrack_tcp_loose';
const BRIDGE = 'net.bridge.bridge-nf-call-iptables';

testRule(keyOfAbsentModule, {
  pass: [
    { name: 'loaded', host: hostOf(tuned(`${MAX} = 262144`, { sysctls: { [MAX]: 262_144 } })) },
    { name: 'nobody knows', host: hostOf(tuned(`${MAX} = 262144`)) },
    {
      name: 'all of /proc/sys/net hidden',
      host: hostOf({ absent: [MAX], files: { [FILE]: `${MAX} = 262144\n` } }),
    },
    { name: 'with a dash', host: hostOf(tuned(`-${BRIDGE} = 1`, { absent: [BRIDGE] })) },
    {
      name: 'a key that is missing for another reason',
      host: hostOf(tuned('net.ipv4.tcp_tw_recycle = 0', { absent: ['net.ipv4.tcp_tw_recycle'] })),
    },
  ],
  notApplicable: [
    {
      name: 'a container',
      host: hostOf({
        environment: 'container',
        sysctls: SOMAXCONN,
        absent: [MAX],
        files: { [FILE]: `${MAX} = 1\n` },
      }),
    },
  ],
  fail: [
    {
      name: 'two keys of one module, one that the catalogue does not know',
      host: hostOf(tuned(`${MAX} = 262144\n${LOOSE} = 0`, { absent: [MAX, LOOSE] })),
      findings: [
        {
          messageId: 'absent',
          severity: 'low',
          confidence: 'inferred',
          subjects: [`${FILE}:1`, `${FILE}:2`],
          args: { module: 'nf_conntrack' },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'of the vendor',
      host: hostOf({
        sysctls: SOMAXCONN,
        absent: [BRIDGE],
        files: { '/usr/lib/sysctl.d/00-system.conf': `${BRIDGE} = 0\n` },
      }),
      findings: [
        {
          messageId: 'absent',
          severity: 'info',
          confidence: 'inferred',
          subjects: ['/usr/lib/sysctl.d/00-system.conf:1'],
          args: { module: 'br_netfilter' },
          remedies: [],
        },
      ],
    },
  ],
});
