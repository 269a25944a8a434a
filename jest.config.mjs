export default {
  testEnvironment: 'node',
  // execa's signal-exit keeps an emitter on `process` over all test files; jest's clean-up wraps it until it recurses.
  testEnvironmentOptions: { globalsCleanup: 'off' },
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '\\.ts$': '<rootDir>/test/tools/jest/esbuild-transformer.mjs' },
  extensionsToTreatAsEsm: ['.ts'],
  globalSetup: '<rootDir>/test/tools/jest/global-setup.mjs',
  globalTeardown: '<rootDir>/test/tools/jest/global-teardown.mjs',
  // They boot other kernels for minutes: `npm run test:kernels`.
  testPathIgnorePatterns: ['/node_modules/', '/test/kernels/'],
  testTimeout: 30_000,
  // Many of them wait for processes that they have started.
  maxWorkers: '100%',
};
