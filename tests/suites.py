"""Which test runs when: what is asked of each engine and what once, what `make test` asks and what `make test-wide`.

`.ci/run-tests` starts the runs. Single tests carry the marks ``once``, ``wide``, ``stricter`` and ``slow`` themselves
(pyproject.toml says what each means); here stand whole files, and what takes long for what it may find.
"""

from __future__ import annotations

from collections.abc import Callable

BROWSER = "tests/browser/"

#: What no engine could change, because it asks for texts, rights, screens, files or processes. Single tests carry the
#: mark themselves. ``make test`` runs all of it once, on SQLite; tests/access/test_bad_input.py sends forms to
#: PostgreSQL, too, and asks its lists.
ONCE = (
    "tests/access/test_crawl.py",
    "tests/access/test_isolation.py",
    "tests/access/test_matrix.py",
    "tests/approvals/test_asking.py",
    "tests/approvals/test_checklist.py",
    "tests/approvals/test_cloud_ops.py",
    "tests/approvals/test_operations.py",
    "tests/approvals/test_own_requests.py",
    "tests/approvals/test_queue.py",
    "tests/approvals/test_request_page.py",
    "tests/architecture/",
    "tests/audit/test_conflicts.py",
    "tests/audit/test_discreet.py",
    "tests/audit/test_places.py",
    "tests/audit/test_words.py",
    "tests/browser/",
    "tests/charges/test_plans.py",
    "tests/cli/test_commands.py",
    "tests/cli/test_doctor_place.py",
    "tests/cloud_accounts/test_accounts.py",
    "tests/cloud_accounts/test_long_lists.py",
    "tests/cloud_accounts/test_screens.py",
    "tests/credits/test_page.py",
    "tests/custom_fields/",
    "tests/customers/test_enablements.py",
    "tests/customers/test_import_files.py",
    "tests/customers/test_query_counts.py",
    "tests/customers/test_switches.py",
    "tests/customers/test_users.py",
    "tests/customers/test_withdrawn_providers.py",
    "tests/kernel/test_clock.py",
    "tests/kernel/test_colors.py",
    "tests/kernel/test_csv_safe.py",
    "tests/kernel/test_domains.py",
    "tests/kernel/test_large_bodies.py",
    "tests/kernel/test_numbers.py",
    "tests/kernel/test_places.py",
    "tests/kernel/test_plain_text.py",
    "tests/kernel/test_rich_text.py",
    "tests/kernel/test_translations.py",
    "tests/kernel/test_xlsx.py",
    "tests/notifications/test_mails.py",
    "tests/notifications/test_markup.py",
    "tests/notifications/test_post.py",
    "tests/notifications/test_request_mails.py",
    "tests/notifications/test_templates.py",
    "tests/notifications/test_views.py",
    "tests/platform_admin/test_admins.py",
    "tests/platform_admin/test_entering.py",
    "tests/platform_admin/test_resellers.py",
    "tests/platform_admin/test_roles.py",
    "tests/portal/test_company.py",
    "tests/portal/test_doors.py",
    "tests/portal/test_front.py",
    "tests/portal/test_hidden.py",
    "tests/portal/test_openings.py",
    "tests/portal/test_people.py",
    "tests/portal/test_portal.py",
    "tests/portal/test_requests.py",
    "tests/portal/test_signup.py",
    "tests/portal/test_signup_limits.py",
    "tests/portal/test_signup_secrecy.py",
    "tests/portal/test_statement_counts.py",
    "tests/portal/test_terms_first.py",
    "tests/portal/test_validation.py",
    "tests/providers/test_account_ids.py",
    "tests/providers/test_catalogue.py",
    "tests/rating/",
    "tests/reports/test_budgets.py",
    "tests/reports/test_costs.py",
    "tests/reports/test_report_pages.py",
    "tests/saved_views/",
    "tests/security/test_forgotten_password.py",
    "tests/security/test_headers.py",
    "tests/security/test_invitations.py",
    "tests/security/test_locks.py",
    "tests/security/test_login_sessions.py",
    "tests/security/test_password_requirements.py",
    "tests/security/test_password_storage.py",
    "tests/security/test_profile.py",
    "tests/security/test_rate_limit.py",
    "tests/security/test_second_factor.py",
    "tests/security/test_sessions.py",
    "tests/security/test_sign_ins.py",
    "tests/settings/test_account.py",
    "tests/settings/test_branding.py",
    "tests/settings/test_console_users.py",
    "tests/settings/test_logo.py",
    "tests/settings/test_storefront.py",
    "tests/shell/",
    "tests/start/test_config.py",
    "tests/start/test_prepare_venv.py",
    "tests/start/test_requirements.py",
    "tests/start/test_run.py",
    "tests/statements/test_pages.py",
    "tests/statements/test_usage_files.py",
    "tests/statements/test_what_if.py",
    "tests/taxes/",
    "tests/terms/test_terms.py",
    "tests/translations/",
    "tests/usage/test_evil_files.py",
    "tests/usage/test_imports.py",
)

#: What `make test` leaves to `make test-wide`, as beginnings of names of tests: what asks everywhere what others ask at
#: a place of each kind, what starts processes, and what takes long and hardly ever breaks.
WIDE = (
    "tests/access/test_bad_input.py",
    "tests/access/test_isolation.py::test_no_argument_of_a_list_or_download_brings_foreign_rows",
    "tests/access/test_isolation.py::test_no_form_takes_a_choice_that_it_does_not_offer",
    "tests/access/test_writes.py::test_a_write_leaves_an_entry_and_takes_no_field_it_does_not_own",
    "tests/approvals/test_operations.py::test_the_queue_takes_few_statements_however_long_it_is",
    "tests/approvals/test_plans.py",
    "tests/approvals/test_queue.py::test_the_queue_takes_few_statements_however_long_it_is",
    "tests/audit/test_conflicts.py",
    "tests/audit/test_plans.py",
    "tests/browser/test_accessibility",
    "tests/browser/test_approvals.py",
    "tests/browser/test_everyday.py",
    "tests/browser/test_groups.py",
    "tests/browser/test_lists.py",
    "tests/browser/test_mail_editor.py",
    "tests/browser/test_odd_texts.py",
    "tests/browser/test_people.py",
    "tests/browser/test_reports.py",
    "tests/browser/test_rules_grid.py",
    "tests/browser/test_second_factor.py",
    "tests/browser/test_slider.py",
    "tests/browser/test_weight.py",
    "tests/cli/test_commands.py",
    "tests/cli/test_doctor.py",
    "tests/cli/test_doctor_place.py",
    "tests/cloud_accounts/test_long_lists.py",
    "tests/customers/test_import_files.py",
    "tests/customers/test_query_counts.py",
    "tests/home/test_attention.py",
    "tests/notifications/test_request_mails.py",
    "tests/notifications/test_templates.py",
    "tests/notifications/test_worker.py",
    "tests/portal/test_hidden.py",
    "tests/portal/test_openings.py",
    "tests/portal/test_signup_limits.py",
    "tests/portal/test_signup_secrecy.py",
    "tests/portal/test_statement_counts.py",
    "tests/portal/test_validation.py",
    "tests/reports/test_ahead.py",
    "tests/reports/test_budgets.py",
    "tests/reports/test_priced_months.py",
    "tests/security/test_headers.py::test_every_refusal_has_its_headers",
    "tests/security/test_locks.py",
    "tests/security/test_login_sessions.py",
    "tests/security/test_password_requirements.py",
    "tests/security/test_profile.py",
    "tests/security/test_rate_limit.py",
    "tests/security/test_second_factor.py",
    "tests/settings/test_storefront.py",
    "tests/start/test_first_starts.py",
    "tests/start/test_run.py::test_database_that_is_none_is_said_in_one_line",
    "tests/start/test_run.py::test_first_start_second_start_a_killed_worker_and_stop",
    "tests/statements/documents/test_pdf.py",
    "tests/statements/test_life.py::test_each_late_change_is_billed_for_what_is_still_open",
    "tests/statements/test_life.py::test_what_was_archived_is_charged_until_the_month_of_it",
    "tests/statements/test_life.py::test_what_was_too_much_is_given_back_however_often",
    "tests/statements/test_pricing.py",
    "tests/statements/test_races.py::test_a_run_goes_on_where_its_worker_was_killed",
    "tests/statements/test_usage_files.py",
    "tests/translations/test_catalogue.py::test_template_is_up_to_date",
    "tests/usage/test_accidents.py",
    "tests/usage/test_evil_files.py",
    "tests/usage/test_files.py",
    "tests/usage/test_formats.py",
    "tests/usage/test_generator.py",
    "tests/usage/test_imports.py",
    "tests/usage/test_rows.py",
)

#: What both engines are asked and SQLite only by `make test-wide`: what the product does there, and hardly how.
WIDE_ON_SQLITE = (
    "tests/approvals/test_concurrency.py",
    "tests/approvals/test_deciding.py",
    "tests/audit/",
    "tests/charges/",
    "tests/cloud_accounts/",
    "tests/customers/test_customers.py",
    "tests/customers/test_exports.py",
    "tests/customers/test_imports.py",
    "tests/customers/test_lifecycle.py",
    "tests/customers/test_list.py",
    "tests/migrations/test_migrations.py::test_up_down_and_up_again_leaves_nothing_behind",
    "tests/notifications/test_outbox.py",
    "tests/pricebooks/",
    "tests/security/test_personal_data.py",
)


def is_once(name: str) -> bool:
    """Is a test or a file asked once, whatever the engine?"""
    return name.startswith(ONCE)


def is_left_to_wide(name: str, *, is_sqlites_own: bool) -> bool:
    """Does `make test` leave a test, or a whole file, to `make test-wide`? ``is_sqlites_own``: PostgreSQL is asked."""
    return name.startswith(WIDE) or (is_sqlites_own and name.startswith(WIDE_ON_SQLITE))


def may_hold(path: str, text: Callable[[], str], wanted: str, engine: str) -> bool:
    """May a file hold a test of the run that `.ci/run-tests` started with the expression of marks ``wanted``?

    A plain run of pytest wants no marks, and gets every file.
    """
    if "browser" in wanted and path.startswith(BROWSER) is ("not browser" in wanted):
        return False
    is_wide = is_left_to_wide(path, is_sqlites_own=engine == "sqlite" and "not once" in wanted)
    if "not wide" in wanted:
        if is_wide:
            return False
    elif (
        "wide" in wanted and not is_wide and not any(one.startswith(path) for one in (*WIDE, *WIDE_ON_SQLITE))
    ):
        return "mark.wide" in text()
    if "once" not in wanted:
        return True
    if "not once" in wanted:
        return not is_once(path)
    return is_once(path) or "mark.once" in text()
