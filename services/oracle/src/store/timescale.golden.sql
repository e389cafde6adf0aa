SELECT COUNT(*) FROM pg_extension WHERE extname = 'timescaledb';
SELECT COUNT(*) FROM create_hypertable('rollups', 'hour', chunk_time_interval => BIGINT '2592000', if_not_exists => TRUE, migrate_data => TRUE);
