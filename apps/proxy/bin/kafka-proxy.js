#!/usr/bin/env node
import { stopBeforeLoaded } from '@kafka-http-proxy/service/stop-signals';

stopBeforeLoaded(process);
await import('../dist/main.js');
