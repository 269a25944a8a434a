export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '\\.ts$': '<rootDir>/test/tools/jest/esbuild-transformer.mjs' },
  extensionsToTreatAsEsm: ['.ts'],
  globalSetup: '<rootDir>/test/tools/jest/global-setup.mjs',
  testTimeout: 30_000,
};
