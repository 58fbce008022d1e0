# What R says of every data set: Rscript reference.R data effects.csv numbers.csv
# One line a number: data set, what is computed, its name, its value. test_against_r.py computes the same names.
suppressPackageStartupMessages({
  library(survival)
  library(cmprsk)
  library(metafor)
  library(splines)
})
arguments <- commandArgs(trailingOnly = TRUE)
SEPARATED <- c("separated", "no_events")  # a Cox model has no maximum there
FIRTH <- c("separated", "ovarian", "aml", "escc87", "tiny_groups")
TIES <- c("efron", "breslow")
SHARP <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100)

found <- list()
add <- function(set, family, name, value) {
  stopifnot(length(value) == 1)
  found[[length(found) + 1]] <<- c(set, family, name, sprintf("%.13g", as.numeric(value)))
}
add_each <- function(set, family, name, values) {
  for (i in seq_along(values)) add(set, family, paste0(name, "/", i), values[[i]])
}

shares <- function(set, d) {
  if (length(unique(d$event)) < 2) return(invisible())  # no contrast, no test
  add(set, "fisher", "p_value", fisher.test(table(d$event, d$grp), workspace = 2e7)$p.value)
}

survival_at <- function(set, family, name, d, weights = NULL) {
  for (band in c("log-log", "log", "plain")) {
    fit <- if (is.null(weights)) {
      survfit(Surv(time, event) ~ 1, d, conf.type = band)
    } else {
      survfit(Surv(time, event) ~ 1, d, conf.type = band, weights = weights, robust = TRUE)
    }
    at <- summary(fit, times = unname(quantile(d$time, c(0.25, 0.5, 0.9), type = 1)))
    inside <- at$surv > 1e-9 & at$surv < 1 - 1e-9
    if (band == "log-log") add_each(set, family, paste0(name, "/survival"), at$surv)
    if (band == "log-log") add_each(set, family, paste0(name, "/error"), ifelse(inside, at$std.err, NA))
    add_each(set, family, paste0(name, "/lower/", band), ifelse(inside, at$lower, NA))
    add_each(set, family, paste0(name, "/upper/", band), ifelse(inside, at$upper, NA))
    # As print shows them; quantile() can miss the first time of a band that rises again. A limit that only the curve's
    # fall to 0 closes is left open: R does so, but for weights of which rounding leaves a crumb.
    limits <- summary(fit)$table
    limits[which(limits %in% fit$time[fit$surv < 1e-9][1])] <- NA
    add(set, family, paste0(name, "/median/", band), summary(fit)$table["median"])
    add(set, family, paste0(name, "/median_lower/", band), limits["0.95LCL"])
    add(set, family, paste0(name, "/median_upper/", band), limits["0.95UCL"])
  }
}

# SPSS's symmetric interval: the error of the curve at the median over the slope of the curve around it.
symmetric_median <- function(set, name, d) {
  at <- summary(survfit(Surv(time, event) ~ 1, d))
  half <- which(at$surv <= 0.5 + 1e-9)[1]
  above <- tail(which(at$surv >= 0.55 - 1e-9), 1)
  below <- which(at$surv <= 0.45 + 1e-9)[1]
  known <- length(above) == 1 && !is.na(half) && !is.na(below) && at$surv[half] > 1e-9
  slope <- if (known) (at$surv[above] - at$surv[below]) / (at$time[below] - at$time[above])
  error <- if (known) at$std.err[half] / slope else NA
  add_each(set, "spss_median", name, at$time[half] + c(-1, 1) * qnorm(0.975) * error)
}

curves <- function(set, d) {
  symmetric_median(set, "all", d)
  survival_at(set, "curve", "all", d)
  survival_at(set, "curve", "weighted", d, d$weight)
  survival_at(set, "curve", "follow_up", transform(d, event = 1 - event))
  until <- min(tapply(d$time, d$grp, max))
  means <- list()
  for (code in sort(unique(d$grp))) {
    part <- d[d$grp == code, ]
    survival_at(set, "curve", paste0("group", code), part)
    symmetric_median(set, paste0("group", code), part)
    # Before the first time of a group R has no area; there it is the whole rectangle.
    row <- if (until > min(part$time)) summary(survfit(Surv(time, event) ~ 1, part), rmean = until)$table
    means[[length(means) + 1]] <- if (is.null(row)) c(until, 0) else row[grep("rmean", names(row))]
    add(set, "restricted_mean", paste0("value/", code), means[[length(means)]][1])
    add(set, "restricted_mean", paste0("error/", code), means[[length(means)]][2])
  }
  for (other in seq_along(means)[-1]) {
    gap <- unname(means[[other]][1] - means[[1]][1])
    error <- sqrt(means[[other]][2]^2 + means[[1]][2]^2)
    add(set, "restricted_mean", paste0("difference/", other), gap)
    add(set, "restricted_mean", paste0("p_value/", other), if (error > 0) 2 * pnorm(-abs(gap) / error) else NA)
  }
  for (type in c(2, 6, 7)) {
    add_each(set, "quantile", type, quantile(d$time, c(0.25, 0.5, 0.75), type = type))
  }
  limits <- binom.test(sum(d$event), nrow(d))$conf.int
  add_each(set, "proportion", "interval", limits)
}

log_rank <- function(set, d) {
  if (!any(d$event == 1)) return()
  tests <- list(plain = survdiff(Surv(time, event) ~ grp, d))
  tests$stratified <- survdiff(Surv(time, event) ~ grp + strata(stratum), d)
  for (name in names(tests)) {
    add(set, "logrank", paste0(name, "/chi2"), tests[[name]]$chisq)
    add(set, "logrank", paste0(name, "/p_value"), pchisq(tests[[name]]$chisq, length(unique(d$grp)) - 1, lower.tail = FALSE))
  }
}

covariates <- function(d) grep("^x", names(d), value = TRUE)

cox <- function(d, ties, stratified, weighted, ...) {
  d$case_weight <- if (weighted) d$weight else 1
  right <- c(covariates(d), if (stratified) "strata(stratum)")
  coxph(reformulate(right, "Surv(time, event)"), d, weights = case_weight, ties = ties, control = SHARP, ...)
}

regressions <- function(set, d) {
  if (set %in% SEPARATED) return()
  for (ties in TIES) for (stratified in c(FALSE, TRUE)) for (weighted in c(FALSE, TRUE)) {
    name <- paste(ties, if (stratified) "strata" else "whole", if (weighted) "weights" else "plain", sep = "/")
    fit <- cox(d, ties, stratified, weighted, robust = FALSE)
    add_each(set, "cox", paste0(name, "/log_hr"), coef(fit))
    add_each(set, "cox", paste0(name, "/error"), sqrt(diag(fit$var)))
    add_each(set, "cox", paste0(name, "/log_likelihood"), fit$loglik)
    add(set, "cox", paste0(name, "/joint_p"), pchisq(fit$wald.test, length(coef(fit)), lower.tail = FALSE))
    if (!weighted) {
      add(set, "cox", paste0(name, "/ratio_p"), pchisq(2 * diff(fit$loglik), length(coef(fit)), lower.tail = FALSE))
    }
    sandwich <- cox(d, ties, stratified, weighted, robust = TRUE)
    add_each(set, "cox", paste0(name, "/robust"), sqrt(diag(sandwich$var)))
    clustered <- cox(d, ties, stratified, weighted, cluster = d$cluster)
    add_each(set, "cox", paste0(name, "/clustered"), sqrt(diag(clustered$var)))
    if (set != "tiny_groups") proportional(set, name, fit)
  }
}

proportional <- function(set, name, fit) {
  for (scale in c("km", "identity", "rank")) {
    z <- cox.zph(fit, transform = scale, terms = FALSE)
    add_each(set, "zph", paste(name, scale, "chi2", sep = "/"), z$table[, "chisq"])
    add_each(set, "zph", paste(name, scale, "p_value", sep = "/"), z$table[, "p"])
  }
  if (grepl("whole", name)) residuals_and_smooth(set, name, cox.zph(fit, terms = FALSE))
}

residuals_and_smooth <- function(set, name, z) {
  add_each(set, "zph", paste0(name, "/residual_sum"), colSums(z$y))
  add_each(set, "zph", paste0(name, "/residual_square"), colSums(z$y^2))
  add_each(set, "zph", paste0(name, "/residual_variance"), diag(z$var))
  # The curve that plot.cox.zph draws, at its first, tenth and last point.
  grid <- seq(min(z$x), max(z$x), length.out = 40)
  basis <- try(ns(c(grid, z$x), df = 4, intercept = TRUE), silent = TRUE)
  if (inherits(basis, "try-error")) return()
  shown <- c(1, 10, 40)
  at_data <- qr(basis[-(1:40), ])
  if (at_data$rank < 4) return()
  line <- basis[shown, ] %*% qr.coef(at_data, z$y[, 1])
  half <- 2 * sqrt(z$var[1, 1] * diag(basis[shown, ] %*% chol2inv(qr.R(at_data)) %*% t(basis[shown, ])))
  add_each(set, "zph", paste0(name, "/smooth"), line)
  add_each(set, "zph", paste0(name, "/smooth_upper"), line + half)
}

firth <- function(set, d) {
  if (!set %in% FIRTH) return()
  names <- covariates(d)
  scale <- apply(as.matrix(d[names]), 2, sd)
  x <- sweep(as.matrix(d[names]), 2, scale, "/")
  still <- coxph.control(iter.max = 0)
  for (ties in TIES) {
    penalised <- function(beta) {
      fit <- survival:::coxph.fit(
        x, Surv(d$time, d$event), NULL, NULL, beta, still, rep(1, nrow(d)), ties, seq_len(nrow(d)), resid = FALSE
      )
      fit$loglik[1] - log(det(as.matrix(fit$var))) / 2
    }
    best <- sharpen(penalised, climb(penalised, rep(0, length(names)))$par)
    for (j in seq_along(names)) {
      loss <- function(at) {
        held <- function(others) penalised(append(others, at, j - 1))
        best$value - (if (length(names) == 1) penalised(at) else climb(held, best$at[-j])$value)
      }
      drop <- function(at) loss(at) - qchisq(0.95, 1) / 2
      lower <- uniroot(drop, best$at[j] - c(8, 0), extendInt = "downX", tol = 1e-10)$root
      upper <- uniroot(drop, best$at[j] + c(0, 8), extendInt = "upX", tol = 1e-10)$root
      at <- c(best$at[j], lower, upper) / scale[j]
      add_each(set, "firth", paste(ties, names[j], sep = "/"), c(at, pchisq(2 * loss(0), 1, lower.tail = FALSE)))
    }
  }
}

climb <- function(f, start) {
  exact <- list(fnscale = -1, reltol = 1e-15, ndeps = rep(1e-4, length(start)))
  optim(start, f, method = "BFGS", control = exact)
}

# The climb ends where rounding hides further gain; Newton on numeric derivatives ends where the slope is 0.
sharpen <- function(f, at) {
  step <- 1e-4
  unit <- diag(step, length(at))
  for (pass in 1:4) {
    slope <- sapply(seq_along(at), function(j) (f(at + unit[, j]) - f(at - unit[, j])) / (2 * step))
    bend <- sapply(seq_along(at), function(j) sapply(seq_along(at), function(k) {
      (f(at + unit[, j] + unit[, k]) - f(at + unit[, j] - unit[, k]) - f(at - unit[, j] + unit[, k]) +
        f(at - unit[, j] - unit[, k])) / (4 * step^2)
    }))
    at <- at - solve(as.matrix(bend), slope)
  }
  list(at = at, value = f(at))
}

competing <- function(set, d) {
  at <- unname(quantile(d$time, c(0.25, 0.5, 0.9), type = 1))
  for (cause in sort(unique(d$cause[d$cause > 0]))) {
    for (code in c(0, sort(unique(d$grp)))) {
      part <- if (code == 0) d else d[d$grp == code, ]
      if (!any(part$cause == cause)) next
      points <- timepoints(cuminc(part$time, part$cause), at[at <= max(part$time)])
      add_each(set, "incidence", paste("value", cause, code, sep = "/"), points$est[paste(1, cause), ])
      add_each(set, "incidence", paste("variance", cause, code, sep = "/"), points$var[paste(1, cause), ])
    }
    tests <- cuminc(d$time, d$cause, d$grp)$Tests
    # cmprsk writes -1 where the covariance has no inverse.
    stat <- tests[as.character(cause), "stat"]
    stat <- if (stat < 0) NA else stat
    add(set, "gray", paste0("chi2/", cause), stat)
    add(set, "gray", paste0("p_value/", cause), pchisq(stat, tests[1, "df"], lower.tail = FALSE))
  }
}

weighting <- function(set, d) {
  x <- setdiff(covariates(d), "x1")
  if (set %in% c(SEPARATED, "tiny_groups") || !length(x)) return()
  d$exposed <- d$x1 == max(d$x1)
  model <- glm(reformulate(x, "exposed"), binomial, d, control = glm.control(epsilon = 1e-15, maxit = 100))
  score <- fitted(model)
  add_each(set, "weighting", "score", score[1:5])
  share <- mean(d$exposed)
  for (estimand in c("ate", "att", "overlap")) {
    d$w <- switch(estimand,
      ate = ifelse(d$exposed, share / score, (1 - share) / (1 - score)),
      att = ifelse(d$exposed, 1, score / (1 - score)),
      overlap = ifelse(d$exposed, 1 - score, score)
    )
    add(set, "weighting", paste0(estimand, "/effective_size"), sum(d$w)^2 / sum(d$w^2))
    gap <- weighted.mean(d[d$exposed, x[1]], d$w[d$exposed]) - weighted.mean(d[!d$exposed, x[1]], d$w[!d$exposed])
    variance <- function(v) if (all(d[[x[1]]] %in% 0:1)) mean(v) * (1 - mean(v)) else var(v)
    spread <- (variance(d[d$exposed, x[1]]) + variance(d[!d$exposed, x[1]])) / 2
    add(set, "weighting", paste0(estimand, "/standardised"), gap / sqrt(spread))
    fit <- coxph(Surv(time, event) ~ exposed, d, weights = w, robust = TRUE, control = SHARP)
    add(set, "weighting", paste0(estimand, "/log_hr"), coef(fit))
    add(set, "weighting", paste0(estimand, "/robust"), sqrt(fit$var[1, 1]))
  }
}

for (file in sort(list.files(arguments[1], pattern = "csv$"))) {
  set <- sub(".csv", "", file, fixed = TRUE)
  d <- read.csv(file.path(arguments[1], file))
  curves(set, d)
  log_rank(set, d)
  shares(set, d)
  regressions(set, d)
  firth(set, d)
  competing(set, d)
  weighting(set, d)
}
effects <- read.csv(arguments[2])
for (set in unique(effects$data)) {
  d <- effects[effects$data == set, ]
  sharp <- list(threshold = 1e-13, maxiter = 1000)
  fit <- rma(effect, sei = error, data = d, method = "REML", control = sharp)
  knapp <- rma(effect, sei = error, data = d, method = "REML", test = "adhoc", control = sharp)
  add_each(set, "meta", "wald", c(fit$beta, fit$ci.lb, fit$ci.ub))
  add_each(set, "meta", "hartung_knapp", c(knapp$ci.lb, knapp$ci.ub))
  add_each(set, "meta", "variance", c(fit$tau2, rma(effect, sei = error, data = d, method = "DL")$tau2))
  add_each(set, "meta", "heterogeneity", c(fit$QE, 100 * max(0, 1 - (nrow(d) - 1) / fit$QE)))
  if (nrow(d) < 3) next
  half <- qt(0.975, nrow(d) - 2) * sqrt(fit$tau2 + fit$se^2)
  add_each(set, "meta", "prediction", fit$beta[1] + c(-half, half))
}

numbers <- as.data.frame(do.call(rbind, found))
names(numbers) <- c("data", "family", "name", "value")
write.csv(numbers, arguments[3], row.names = FALSE, quote = FALSE)
