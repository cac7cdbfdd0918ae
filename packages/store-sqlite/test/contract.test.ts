import { storeContract } from '@tocsin/engine/testing';
import { openStore } from './open-store.ts';

storeContract('SQLite', openStore);
