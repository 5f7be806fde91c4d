import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import js from '@eslint/js';
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Every `scope:*` tag of the workspace, read from the projects' package.json files. */
const scopes = new Set(
  ['apps', 'libs'].flatMap((folder) =>
    readdirSync(new URL(folder, import.meta.url)).flatMap((project) => {
      const manifest = JSON.parse(
        readFileSync(new URL(`${folder}/${project}/package.json`, import.meta.url), 'utf8'),
      );
      return manifest.nx.tags.filter((tag) => tag.startsWith('scope:'));
    }),
  ),
);

/** The command line composes every service in one process, so it alone sees every scope. */
const scopeRules = [...scopes].map((scope) => ({
  sourceTag: scope,
  onlyDependOnLibsWithTags: scope === 'scope:cli' ? ['*'] : [scope, 'scope:shared'],
}));

const typeRules = [
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:domain', 'type:platform', 'type:contracts'] },
  { sourceTag: 'type:domain', onlyDependOnLibsWithTags: ['type:platform', 'type:contracts'] },
  { sourceTag: 'type:platform', onlyDependOnLibsWithTags: ['type:platform', 'type:contracts'] },
  { sourceTag: 'type:contracts', onlyDependOnLibsWithTags: ['type:contracts'] },
];

// Without a stored project graph the boundary rule would skip itself; Nx stores one before its own tasks.
if (!process.env.NX_TASK_TARGET_TARGET) await createProjectGraphAsync();

const builtinsWithoutPrefix = builtinModules
  .filter((name) => !name.startsWith('node:') && !name.startsWith('_'))
  .map((name) => ({ name, message: `Import 'node:${name}'.` }));

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '**/node_modules/',
      '.nx/',
      'tmp/',
      'libs/contracts/src/gen/',
      '**/files/',
      'tests/hostile/',
    ],
  },
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { '@nx': nx },
    rules: {
      'no-undef': 'off',
      // The language's own characters, and generators of one shape that need not wait, are meant.
      'no-control-regex': 'off',
      'require-yield': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', 600],
      'no-restricted-imports': ['error', { paths: builtinsWithoutPrefix }],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          depConstraints: [...scopeRules, ...typeRules],
          // The command line loads a library with the command that needs it, and within that command at once.
          checkDynamicDependenciesExceptions: ['.*'],
        },
      ],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  { files: ['**/*.js', '**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
);
