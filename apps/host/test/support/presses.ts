// What people do to groups, for tests of the whole that hold it against a model.
export { PressDesk, type PressDeskOptions } from '../../src/presses/desk.ts';
export { Handles } from '../../src/presses/handles.ts';
export { type Offers, offersOf } from '../../src/presses/offer.ts';
export type { Asked } from '../../src/presses/press-log.ts';
