import { everyKernelAgrees } from './measured.ts';

// 5.10.223 calls the SYN queue full at its limit, 5.10.262 above it.
everyKernelAgrees(['5.10.223', '5.10.262', '6.1']);
