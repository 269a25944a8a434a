import { setBeforeModule } from '../../../src/rules/sysctl/set-before-module.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const MAX = 'net.netfilter.nf_conntrack_max';
const GENERIC = 'net.netfilter.nf_conntrack_generic_timeout';
const BRIDGE = 'net.bridge.bridge-nf-call-iptables';
const a = '/etc/sysctl.d/10-a.conf';
const files = { [a]: `${MAX} = 1000000\n` };
const remedies = ['change-other-manager systemd-modules-load'];

testRule(setBeforeModule, {
  pass: [
    { name: 'no such key', host: hostOf({ files: { [a]: 'net.core.somaxconn = 1\n' }, loadedModules: [] }) },
    {
      name: 'named in modules-load.d',
      host: hostOf({
        files,
        sysctls: { [MAX]: 65536 },
        modulesLoad: ['nf_conntrack'],
        loadedModules: ['nf_conntrack'],
      }),
    },
    {
      name: 'one that needs it is named',
      host: hostOf({
        files,
        sysctls: { [MAX]: 65536 },
        modulesLoad: ['xt_conntrack'],
        loadedModules: ['nf_conntrack'],
      }),
    },
    { name: 'built into the kernel', host: hostOf({ files, sysctls: { [MAX]: 65536 }, loadedModules: [] }) },
    { name: 'which modules are loaded is not known', host: hostOf({ files, sysctls: { [MAX]: 65536 } }) },
    {
      name: 'a line that an exclusion takes back',
      host: hostOf({
        files: { [a]: `${MAX} = 1\n-${MAX}\n` },
        sysctls: { [MAX]: 65536 },
        loadedModules: ['nf_conntrack'],
      }),
    },
  ],
  notApplicable: [
    {
      name: 'a container',
      host: hostOf({ environment: 'container', files, absent: [MAX], loadedModules: [] }),
    },
  ],
  unknown: [
    { name: 'the files were not read', host: hostOf({}), why: 'the sysctl files were not collected' },
  ],
  fail: [
    {
      name: 'the module came later, and the kernel’s own value stands',
      host: hostOf({
        files,
        sysctls: { [MAX]: 65536 },
        modulesLoad: ['br_netfilter'],
        loadedModules: ['nf_conntrack'],
      }),
      findings: [
        {
          messageId: 'late',
          severity: 'medium',
          confidence: 'inferred',
          subjects: [MAX],
          args: { module: 'nf_conntrack' },
          remedies,
        },
      ],
    },
    {
      name: 'somebody has applied the line since; another key of the module by its name alone',
      host: hostOf({
        files: { [a]: `${MAX} = 1000000\n${GENERIC} = 60\n` },
        sysctls: { [MAX]: 1000000, [GENERIC]: 60 },
        loadedModules: ['nf_conntrack'],
      }),
      findings: [
        {
          messageId: 'late',
          severity: 'low',
          confidence: 'inferred',
          subjects: [GENERIC, MAX],
          args: { module: 'nf_conntrack' },
          remedies,
        },
      ],
    },
    {
      name: 'the module is not loaded at all',
      host: hostOf({ files: { [a]: `${BRIDGE} = 1\n` }, absent: [BRIDGE], loadedModules: [] }),
      findings: [
        {
          messageId: 'absent',
          severity: 'low',
          confidence: 'inferred',
          subjects: [BRIDGE],
          args: { module: 'br_netfilter' },
          remedies,
        },
      ],
    },
  ],
});
