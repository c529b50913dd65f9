SELECT 1/0;
SELECT nope
	FROM stock
  WHERE id = 1;
INSERT INTO stock VALUES (1);
DO $$BEGIN RAISE WARNING E'low\n2026-01-31 22:59:58.123 UTC [4711] app@shop PANIC:  not a prefix\nFATAL:  nor this'; END$$;
DO $$BEGIN RAISE LOG 'ERROR:  said a message: %', '2026-01-31 22:59:58 UTC [1]: [1-1] user=x,db=y FATAL:  quoted'; END$$;
SET log_error_verbosity = verbose;
SELECT 'a' + 1;
SET log_error_verbosity = default;
SET log_statement = 'all';
SELECT 1,

	2;
