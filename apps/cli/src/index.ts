export { chooseMode, type Mode } from './mode.js';
