import { everyKernelAgrees } from './measured.ts';

// 7 is the newest of all.
everyKernelAgrees(['6.12', '6.19', '7']);
