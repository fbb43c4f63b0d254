//! Log messages of the libraries of databases.

kotare_messages::messages! {
    Error "mysql-fb-hooks" LEGAL_LOG_MYSQL_DB_RECONNECT_ATTEMPT_FAILED(reason) = "database reconnect failed: {reason}";
    Info "mysql-fb-hooks" LEGAL_LOG_MYSQL_DB_RECONNECT_ATTEMPT_SCHEDULE(next, most, wait) = "scheduling attempt {next} of {most} in {wait} milliseconds";
    Error "mysql-fb-hooks" LEGAL_LOG_MYSQL_DB_RECONNECT_FAILED(most) = "maximum number of database reconnect attempts: {most}, has been exhausted without success";
    Error "pgsql-fb-hooks" LEGAL_LOG_PGSQL_DB_RECONNECT_ATTEMPT_FAILED(reason) = "database reconnect failed: {reason}";
    Info "pgsql-fb-hooks" LEGAL_LOG_PGSQL_DB_RECONNECT_ATTEMPT_SCHEDULE(next, most, wait) = "scheduling attempt {next} of {most} in {wait} milliseconds";
    Error "pgsql-fb-hooks" LEGAL_LOG_PGSQL_DB_RECONNECT_FAILED(most) = "maximum number of database reconnect attempts: {most}, has been exhausted without success";
    Error "mysql-cb-hooks" MYSQL_CB_RECONNECT_ATTEMPT_FAILED4(reason) = "database reconnect failed: {reason}";
    Error "mysql-cb-hooks" MYSQL_CB_RECONNECT_ATTEMPT_FAILED6(reason) = "database reconnect failed: {reason}";
    Info "mysql-cb-hooks" MYSQL_CB_RECONNECT_ATTEMPT_SCHEDULE4(next, most, wait) = "scheduling attempt {next} of {most} in {wait} milliseconds";
    Info "mysql-cb-hooks" MYSQL_CB_RECONNECT_ATTEMPT_SCHEDULE6(next, most, wait) = "scheduling attempt {next} of {most} in {wait} milliseconds";
    Error "mysql-cb-hooks" MYSQL_CB_RECONNECT_FAILED4(most) = "maximum number of database reconnect attempts: {most}, has been exhausted without success";
    Error "mysql-cb-hooks" MYSQL_CB_RECONNECT_FAILED6(most) = "maximum number of database reconnect attempts: {most}, has been exhausted without success";
    Info "mysql-lb-hooks" MYSQL_DEINIT_OK() = "unloading MySQL hooks library successful";
    Info "mysql-fb-hooks" MYSQL_FB_DB(parameters) = "opening MySQL log database: {parameters}";
    Info "mysql-hb-hooks" MYSQL_HB_DB(parameters) = "opening MySQL hosts database: {parameters}";
    Info "mysql-hb-hooks" MYSQL_HB_DB_READONLY() = "MySQL host database opened for read access only";
    Error "mysql-hb-hooks" MYSQL_HB_DB_RECONNECT_ATTEMPT_FAILED(reason) = "database reconnect failed: {reason}";
    Info "mysql-hb-hooks" MYSQL_HB_DB_RECONNECT_ATTEMPT_SCHEDULE(next, most, wait) = "scheduling attempt {next} of {most} in {wait} milliseconds";
    Error "mysql-hb-hooks" MYSQL_HB_DB_RECONNECT_FAILED(most) = "maximum number of database reconnect attempts: {most}, has been exhausted without success";
    Info "mysql-lb-hooks" MYSQL_INIT_OK() = "loading MySQL hooks library successful";
    Info "mysql-lb-hooks" MYSQL_LB_DB(parameters) = "opening MySQL lease database: {parameters}";
    Error "mysql-lb-hooks" MYSQL_LB_DB_RECONNECT_ATTEMPT_FAILED(reason) = "database reconnect failed: {reason}";
    Info "mysql-lb-hooks" MYSQL_LB_DB_RECONNECT_ATTEMPT_SCHEDULE(next, most, wait) = "scheduling attempt {next} of {most} in {wait} milliseconds";
    Error "mysql-lb-hooks" MYSQL_LB_DB_RECONNECT_FAILED(most) = "maximum number of database reconnect attempts: {most}, has been exhausted without success";
    Error "pgsql-cb-hooks" PGSQL_CB_RECONNECT_ATTEMPT_FAILED4(reason) = "database reconnect failed: {reason}";
    Error "pgsql-cb-hooks" PGSQL_CB_RECONNECT_ATTEMPT_FAILED6(reason) = "database reconnect failed: {reason}";
    Info "pgsql-cb-hooks" PGSQL_CB_RECONNECT_ATTEMPT_SCHEDULE4(next, most, wait) = "scheduling attempt {next} of {most} in {wait} milliseconds";
    Info "pgsql-cb-hooks" PGSQL_CB_RECONNECT_ATTEMPT_SCHEDULE6(next, most, wait) = "scheduling attempt {next} of {most} in {wait} milliseconds";
    Error "pgsql-cb-hooks" PGSQL_CB_RECONNECT_FAILED4(most) = "maximum number of database reconnect attempts: {most}, has been exhausted without success";
    Error "pgsql-cb-hooks" PGSQL_CB_RECONNECT_FAILED6(most) = "maximum number of database reconnect attempts: {most}, has been exhausted without success";
    Info "pgsql-lb-hooks" PGSQL_DEINIT_OK() = "unloading PostgreSQL hooks library successful";
    Info "pgsql-fb-hooks" PGSQL_FB_DB(parameters) = "opening PostgreSQL log database: {parameters}";
    Info "pgsql-hb-hooks" PGSQL_HB_DB(parameters) = "opening PostgreSQL hosts database: {parameters}";
    Info "pgsql-hb-hooks" PGSQL_HB_DB_READONLY() = "PostgreSQL host database opened for read access only";
    Error "pgsql-hb-hooks" PGSQL_HB_DB_RECONNECT_ATTEMPT_FAILED(reason) = "database reconnect failed: {reason}";
    Info "pgsql-hb-hooks" PGSQL_HB_DB_RECONNECT_ATTEMPT_SCHEDULE(next, most, wait) = "scheduling attempt {next} of {most} in {wait} milliseconds";
    Error "pgsql-hb-hooks" PGSQL_HB_DB_RECONNECT_FAILED(most) = "maximum number of database reconnect attempts: {most}, has been exhausted without success";
    Info "pgsql-lb-hooks" PGSQL_INIT_OK() = "loading PostgreSQL hooks library successful";
    Info "pgsql-lb-hooks" PGSQL_LB_DB(parameters) = "opening PostgreSQL lease database: {parameters}";
    Error "pgsql-lb-hooks" PGSQL_LB_DB_RECONNECT_ATTEMPT_FAILED(reason) = "database reconnect failed: {reason}";
    Info "pgsql-lb-hooks" PGSQL_LB_DB_RECONNECT_ATTEMPT_SCHEDULE(next, most, wait) = "scheduling attempt {next} of {most} in {wait} milliseconds";
    Error "pgsql-lb-hooks" PGSQL_LB_DB_RECONNECT_FAILED(most) = "maximum number of database reconnect attempts: {most}, has been exhausted without success";
}
