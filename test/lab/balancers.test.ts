/** The topology that differs most from the one of the other tests: HAProxy and keepalived on separate nodes. */
import {tellStories} from '../support/topology-stories.ts';

tellStories('balancers');
