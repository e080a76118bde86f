export { type Page, readPage, type Section } from './page.js';
export { type Query, readQueries } from './promql.js';
