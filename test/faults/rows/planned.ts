import type { PlannedRow } from '../row.ts';

/** What can’t be done before what it is about exists. */
export const planned: PlannedRow[] = [
  {
    id: 'D18',
    title: 'PostgreSQL restarts, crashes, fails over',
    method: 'pg_ctl restart -m immediate 20 times under load, and killed backends',
    bar: '0 lost; back within 5 s; no spin',
    later: 'comes with PostgreSQL',
  },
  {
    id: 'D20',
    title: 'several hosts on one database',
    method: 'three hosts on one PostgreSQL, one killed every 10 s',
    bar: '0 lost; told again at most what the killed one was sending; a stale owner completes nothing',
    later: 'comes with PostgreSQL',
  },
  {
    id: 'D40',
    title: 'reloading under load',
    method: 'ten reloads a second, a broken file among them',
    bar: 'the old configuration stays in place; 0 lost',
    later: 'comes with reloading',
  },
  {
    id: 'D44',
    title: 'a long run',
    method: '200 alerts a second for hours',
    bar: 'memory below 1 MB/h, descriptors flat, 0 lost',
    later: 'runs with --soak <minutes> alone',
  },
];
