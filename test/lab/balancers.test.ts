/** The topology that differs most from the one of the other tests: HAProxy and keepalived on nodes of their own. */
import {tellStories} from '../support/topology-stories.ts';

tellStories('balancers');
