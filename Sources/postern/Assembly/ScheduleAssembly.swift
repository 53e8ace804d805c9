import PosternConfiguration
import PosternDelivery

extension RetrySchedule {
    init(_ schedule: Schedule) {
        self.init(retry: schedule.retry, lifetime: schedule.expiry, warning: schedule.delayWarning)
    }
}
