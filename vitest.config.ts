import { defineConfig } from 'vitest/config';

// Packages name their TypeScript under the condition "source", so tests run what is in the editor.
// Processes that the integration suite starts run the build.
const ssr = { resolve: { conditions: ['source', 'node'] } };

export default defineConfig({
  ssr,
  resolve: { conditions: ['source', 'node'] },
  test: {
    // A busy machine is slow, which is no fault of what is tested: what waits, waits long.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // CI counts over several runs.
    reporters: process.env.KHP_REPORT ? ['default', ['json', { outputFile: process.env.KHP_REPORT }]] : ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{packages,apps}/*/src/**/*.test.ts'],
          exclude: ['**/*.{integration,conformance,deployment,images,packaging}.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['{packages,apps}/*/src/**/*.integration.test.ts'],
          exclude: ['**/*.alone.integration.test.ts'],
          globalSetup: ['packages/testkit/src/global-setup.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
          // On one broker, but topics, groups and ports are each file's own: while one waits, others compute.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          // What measures how fast others are served wants the machine for itself.
          name: 'alone',
          include: ['{packages,apps}/*/src/**/*.alone.integration.test.ts'],
          globalSetup: ['packages/testkit/src/global-setup.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          // Other people's clients, suites and servers: needs Python and nginx, and a real broker.
          name: 'conformance',
          include: ['{packages,apps}/*/src/**/*.conformance.test.ts'],
          globalSetup: ['packages/testkit/src/global-setup.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          // docker/ and the guide, with Helm, compose's loader and the schemas of Kubernetes: no cluster, no engine.
          name: 'deployment',
          include: ['apps/release/src/**/*.deployment.test.ts'],
          globalSetup: ['apps/release/src/deploy/global-setup.ts'],
          testTimeout: 120_000,
          // They wait for programs that they start.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          // The images as buildah builds them and runc runs them: needs root.
          name: 'images',
          include: ['apps/release/src/**/*.images.test.ts'],
          globalSetup: ['apps/release/src/images/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // They share Kafka and two cores.
          maxWorkers: 1,
        },
      },
      {
        extends: true,
        test: {
          // What somebody gets who installs the packages.
          name: 'packaging',
          include: ['apps/release/src/**/*.packaging.test.ts'],
          globalSetup: ['apps/release/src/packaging/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
