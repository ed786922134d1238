"""Resource types of Heat that take none of the quotas a plan counts. Pure.

Source: the types in Heat's engine/resources; Neutron's quotas are those its extensions register.
"""

from __future__ import annotations

# Each is a stack of deployments on servers that stand.
GROUPS = frozenset({
    "OS::Heat::SoftwareDeploymentGroup", "OS::Heat::SoftwareDeployments", "OS::Heat::StructuredDeploymentGroup",
    "OS::Heat::StructuredDeployments",
})  # fmt: skip
_TYPES = frozenset({
    "AWS::AutoScaling::LaunchConfiguration", "AWS::AutoScaling::ScalingPolicy", "AWS::CloudFormation::WaitCondition",
    "AWS::CloudFormation::WaitConditionHandle", "AWS::CloudWatch::Alarm", "AWS::EC2::EIPAssociation",
    "AWS::EC2::InternetGateway", "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::VolumeAttachment", "AWS::IAM::AccessKey", "AWS::IAM::User", "AWS::S3::Bucket",
    "OS::Cinder::EncryptedVolumeType", "OS::Cinder::QoSAssociation", "OS::Cinder::QoSSpecs",
    "OS::Cinder::VolumeAttachment", "OS::Cinder::VolumeType",
    "OS::Heat::AccessPolicy", "OS::Heat::CloudConfig", "OS::Heat::Delay", "OS::Heat::DeployedServer",
    "OS::Heat::HARestarter", "OS::Heat::MultipartMime", "OS::Heat::None", "OS::Heat::RandomString",
    "OS::Heat::ScalingPolicy", "OS::Heat::SoftwareComponent", "OS::Heat::SoftwareConfig",
    "OS::Heat::SoftwareDeployment", "OS::Heat::StructuredConfig", "OS::Heat::StructuredDeployment",
    "OS::Heat::SwiftSignal", "OS::Heat::SwiftSignalHandle", "OS::Heat::TestResource",
    "OS::Heat::UpdateWaitConditionHandle", "OS::Heat::Value", "OS::Heat::WaitCondition",
    "OS::Heat::WaitConditionHandle", "OS::Metering::Alarm",
    "OS::Neutron::AddressScope", "OS::Neutron::ExtraRoute", "OS::Neutron::ExtraRouteSet",
    "OS::Neutron::FloatingIPAssociation", "OS::Neutron::FloatingIPPortForward", "OS::Neutron::MeteringLabel",
    "OS::Neutron::MeteringRule", "OS::Neutron::QoSBandwidthLimitRule", "OS::Neutron::QoSDscpMarkingRule",
    "OS::Neutron::QoSMinimumBandwidthRule", "OS::Neutron::QoSMinimumPacketRateRule", "OS::Neutron::QoSPolicy",
    "OS::Neutron::Segment", "OS::Nova::Flavor", "OS::Nova::FloatingIPAssociation", "OS::Nova::HostAggregate",
    "OS::Octavia::AvailabilityZone", "OS::Octavia::AvailabilityZoneProfile", "OS::Octavia::Flavor",
    "OS::Octavia::FlavorProfile",
})  # fmt: skip
_SERVICES = ("OS::Aodh::", "OS::Ceilometer::", "OS::Keystone::", "OS::Mistral::", "OS::Monasca::", "OS::Swift::",
             "OS::Vitrage::", "OS::Zaqar::")  # fmt: skip


def takes_nothing(kind: str) -> bool:
    """Whether a resource of this type takes no quota of the project's."""
    return kind in _TYPES or kind.startswith(_SERVICES)
