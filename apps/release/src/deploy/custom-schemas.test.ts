import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import { objectSchema, type Schema } from './custom-schemas.js';

const openApi: Schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec: {
      type: 'object',
      properties: {
        count: { type: 'integer', format: 'int32' },
        port: { 'x-kubernetes-int-or-string': true },
        hint: { type: 'string', nullable: true },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        list: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
        open: { type: 'object', properties: {}, 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
};
const validate = new Ajv.default({ strict: false }).compile(objectSchema(openApi, 'example.com/v1', 'Thing'));
const thing = (spec: object, rest: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'a', labels: {} },
  spec,
  ...rest,
});

describe('the JSON schema of a custom resource', () => {
  it.each([
    ['what the definition names', { count: 1, hint: 'x', labels: { a: 'b' }, list: [{ name: 'a' }] }],
    ['a number or a text where either may stand', { port: 80 }],
    ['null where it may stand', { hint: null }],
    ['any key where the definition says so', { open: { whatever: 1 } }],
  ])('takes %s', (_, spec) => {
    expect(validate(thing(spec)), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each([
    ['a key that the definition does not name', thing({ cuont: 1 })],
    ['such a key in a list', thing({ list: [{ nmae: 'a' }] })],
    ['a key beside spec', thing({}, { status: 1 })],
    ['a value of another type', thing({ count: 'one' })],
    ['another version', thing({}, { apiVersion: 'example.com/v2' })],
    ['no name', thing({}, { metadata: {} })],
    ['no spec', { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a' } }],
  ])('refuses %s', (_, object) => {
    expect(validate(object)).toBe(false);
  });
});
